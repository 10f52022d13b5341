"""The recipe of the page on keeping YAML and code the same: its hook, its workflow and its job, on a real module."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checking.test_drifts import MODULE
from tests.ci.test_action import Job, needs_bash
from tests.ci.test_hooks import GITHUB, GITLAB, PRE_COMMIT, hooks, snippet
from tests.workspace import ROOT, Workspace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the extra `oracle` is not installed"),
]
PAGE = "against.md"
CHANGE = ('"width": 16', '"width": 24')
FOUND = "models/net.yaml:8:44: error[differs-from-source] stem.conv (conv2d): out_channels is 16, in the source 24"


def project(folder: Path) -> None:
    """A package with a module and, as the page has it, no spec yet."""
    (folder / "mypkg").mkdir()
    (folder / "models").mkdir()
    (folder / "mypkg" / "__init__.py").write_text("")
    (folder / "mypkg" / "models.py").write_text(MODULE)


def change(folder: Path) -> None:
    file = folder / "mypkg" / "models.py"
    assert CHANGE[0] in file.read_text()
    file.write_text(file.read_text().replace(*CHANGE))


@pytest.fixture
def here(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The project in the working directory, with the spec that the first commands of the page make."""
    project(workspace.path)
    bin = workspace / ".venv" / "bin"
    bin.mkdir(parents=True)
    # The interpreter of the tests has the packages that the virtual environment of a project would have.
    (bin / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (bin / "python").chmod(0o755)
    monkeypatch.setenv("VIRTUAL_ENV", str(bin.parent))
    for line in first_commands():
        call = workspace.call(*shlex.split(line)[1:])
        assert call.code == 0, call.text
    return workspace


def first_commands() -> list[str]:
    text = (ROOT / "docs" / "guides" / PAGE).read_text(encoding="utf-8")
    (block,) = [each for each in re.findall(r"```sh\n(.*?)```", text, re.S) if "convcalc import" in each]
    found = [line for line in block.splitlines() if line.startswith("convcalc ")]
    assert [line.split()[1] for line in found] == ["import", "check"]
    return found


def calls_of_the_hook() -> list[list[str]]:
    (hook,) = yaml.safe_load(snippet(PRE_COMMIT, PAGE))["repos"][0]["hooks"]
    manifest = hooks()[hook["id"]]
    assert not manifest["pass_filenames"]
    assert all(re.search(hook["files"], name) for name in ("mypkg/models.py", "models/net.yaml"))
    assert not re.search(hook["files"], "models/other.yaml")
    return [[*manifest["entry"].split(), *hook["args"]]]


def calls_of_gitlab() -> list[list[str]]:
    script = yaml.safe_load(snippet(GITLAB, PAGE))["specs"]["script"]
    return [shlex.split(line) for line in script if line.startswith("convcalc ")]


@pytest.mark.parametrize("calls", [calls_of_the_hook, calls_of_gitlab])
def test_a_change_of_the_code_fails(calls: Any, here: Workspace) -> None:
    (call,) = calls()
    assert call[0] == "convcalc"
    done = here.call(*call[1:])
    assert done.code == 0, done.text
    change(here.path)
    done = here.call(*call[1:])
    assert (done.code, FOUND in done.out) == (1, True), done.text


@needs_bash
def test_the_workflow(here: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    steps = yaml.safe_load(snippet(GITHUB, PAGE))["jobs"]["specs"]["steps"]
    (step,) = [step for step in steps if "convcalc" in step.get("uses", "")]
    job = Job(tmp_path_factory.mktemp("job"))
    shutil.copytree(here.path, job.workspace, dirs_exist_ok=True)
    job.stand_in(f"""\
export PYTHONPATH={str(ROOT)!r}
exec {sys.executable!r} -c 'from convcalc.cli.main import main; main()' "$@" """)
    code, output = job.run("Check", **step["with"])
    assert code == 0, output
    change(job.workspace)
    code, output = job.run("Check", **step["with"])
    assert code == 1, output
    assert "::error file=models/net.yaml,line=8,endLine=8,col=44,endColumn=48,title=differs-from-source::" in output
