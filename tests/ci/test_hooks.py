"""Where `check` runs: pre-commit and GitLab as the docs show them, and on our own specs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from convcalc.cli.main import run
from tests.ci.checkout import clone_of_ours, require_packages
from tests.workspace import ROOT, Workspace, git, needs_git

FINE = "input: [3]\nlayers: [relu]\n"
FINDING = "input: [3]\nlayers: [relu]\nexpect: {params: 7}\n"
OTHER = "services: {}\n"


PRE_COMMIT, GITHUB, GITLAB = ".pre-commit-config.yaml", ".github/workflows/specs.yaml", ".gitlab-ci.yml"
# The files that a page shows to be pasted: its name, the name of the file, and the whole block.
PASTED = [
    (page.name, found[2], found[1])
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    for found in re.finditer(r"^```yml\n(# (\S+)\n.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
]


def snippets(name: str) -> list[Any]:
    """The blocks of all pages that show a file, each as a parameter of a test."""
    return [pytest.param(text, id=page) for page, file, text in PASTED if file == name]


def snippet(name: str, shown: str = "ci.md") -> str:
    """The block of a page that shows a file."""
    (found,) = [text for page, file, text in PASTED if (page, file) == (shown, name)]
    return found


def test_every_block_is_a_file_that_is_tested() -> None:
    """Here, with the configuration, or with accepted findings."""
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        blocks = page.read_text(encoding="utf-8").count("\n```yml\n")
        assert blocks == sum(name == page.name for name, _, _ in PASTED), page
    assert {file for _, file, _ in PASTED} == {PRE_COMMIT, GITHUB, GITLAB, ".convcalc.yaml", "accepted.yaml"}
    assert [page for page, file, _ in PASTED if file == PRE_COMMIT] == ["team.md", "against.md", "ci.md"]


def called(*command: str, folder: Path, **environment: str) -> tuple[int, str]:
    """The exit code of a command in a folder, and all that it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PYTHON"))}
    done = subprocess.run(  # noqa: S603 - the commands of these tests
        command, cwd=folder, env={**clean, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.slow
def test_our_own_specs_pass(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert run(["check", "specs/"]) == 0, capsys.readouterr().out


# -- what the services say of the files ------------------------------------------------------------------------------

needs_schemas = pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="check-jsonschema is not installed")
needs_pre_commit = pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed")


@needs_schemas
@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", GITHUB),
        ("vendor.gitlab-ci", GITLAB),
    ],
)
@pytest.mark.parametrize("page", ["ci.md", "against.md"])
def test_the_schema_of_the_service_accepts(schema: str, name: str, page: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text((ROOT / name).read_text() if name == "action.yml" else snippet(name, page))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    assert called(*command, folder=tmp_path)[0] == 0, called(*command, folder=tmp_path)[1]
    file.write_text(file.read_text().replace("runs:", "rnus:").replace("script:", "scirpt:").replace("jobs:", "jbos:"))
    assert called(*command, folder=tmp_path)[0] == 1, "the schema is not looked at"


@needs_pre_commit
def test_pre_commit_accepts_the_hooks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pre_commit"]
    assert called(*command, "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), folder=tmp_path) == (0, "")


@pytest.mark.parametrize("config", snippets(PRE_COMMIT))
def test_the_configuration_of_pre_commit_is_whole(config: str, tmp_path: Path) -> None:
    """It is pasted as the file."""
    (repository,) = yaml.safe_load(config)["repos"]
    assert (repository["repo"], repository["rev"]) == ("REPOSITORY", "REVISION")
    assert {hook["id"] for hook in repository["hooks"]} <= set(hooks())
    if find_spec("pre_commit") is not None:
        (tmp_path / "config.yaml").write_text(config.replace("REVISION", "v1.0.0"))
        command = [sys.executable, "-m", "pre_commit", "validate-config", "config.yaml"]
        assert called(*command, folder=tmp_path) == (0, "")


@pytest.mark.parametrize("page", ["ci.md", "against.md"])
def test_the_workflow_gives_inputs_of_the_action(page: str) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = yaml.safe_load(snippet(GITHUB, page))["jobs"]["specs"]["steps"]
    (step,) = [step for step in steps if "convcalc" in step.get("uses", "")]
    assert set(step["with"]) <= set(action["inputs"])


@pytest.mark.parametrize(("text", "code"), [(FINE, 0), (FINDING, 1)])
def test_the_commands_of_gitlab(text: str, code: int, workspace: Workspace) -> None:
    """The calls of its script, without the installation."""
    workspace.write(specs__net=text)
    script = yaml.safe_load(snippet(GITLAB))["specs"]["script"]
    calls = [line.removesuffix(" || true").split() for line in script if line.startswith("convcalc ")]
    assert [workspace.call(*call[1:]).code for call in calls] == [code, code]
    assert yaml.safe_load((workspace / "code-quality.json").read_text()) != [] or code == 0


def hooks() -> dict[str, Any]:
    return {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.mark.parametrize("hook", hooks())
def test_the_commands_of_the_hooks(hook: str, workspace: Workspace) -> None:
    """Each hook's own command line, without pre-commit, which may not be installed."""
    workspace.write(net=FINE, other=OTHER)
    assert workspace.check("net.yaml", "--update-lock")[0] == 0
    entry = hooks()[hook]
    command = [*entry["entry"].split(), *entry.get("args", [])]
    assert command[0] == "convcalc"
    files = ["net.yaml", "other.yaml"] if entry.get("pass_filenames", True) else []
    call = workspace.call(*command[1:], *files)
    assert call.code == 0, call.text
    workspace.write(net=FINDING)
    call = workspace.call(*command[1:], *files)
    assert call.code == 1
    assert "net.yaml:3:" in call.out


# -- as it is run there ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@needs_git
@needs_pre_commit
@pytest.mark.parametrize("config", [snippet(PRE_COMMIT, "team.md"), snippet(PRE_COMMIT)], ids=["team", "ci"])
def test_pre_commit_runs_the_hook(config: str, tmp_path: Path) -> None:
    require_packages()
    ours, theirs = clone_of_ours(tmp_path), tmp_path / "theirs"
    theirs.mkdir()
    git(theirs, "init", "--quiet")
    config = config.replace("REPOSITORY", f"file://{ours}")
    (theirs / ".pre-commit-config.yaml").write_text(config.replace("REVISION", git(ours, "rev-parse", "HEAD")))
    (theirs / "two words.yaml").write_text(FINE)
    (theirs / "compose.yaml").write_text(OTHER)
    (theirs / "readme.md").write_text("# Text\n")
    git(theirs, "add", ".")

    def hook() -> tuple[int, str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--color", "never"]
        return called(*command, folder=theirs, PRE_COMMIT_HOME=str(tmp_path / "cache"))

    code, output = hook()
    assert code == 0, output
    assert re.search(r"^convcalc check\.+Passed$", output, re.M), output
    (theirs / "two words.yaml").write_text(FINDING)
    git(theirs, "add", ".")
    code, output = hook()
    assert code == 1, output
    assert "two words.yaml:3:18: error[expectation] params is 0, expected 7 (-7)" in output
    assert "compose" not in output
    git(theirs, "reset", "--quiet", "two words.yaml")
    code, output = hook()
    assert code == 0, "what is not to be committed is not looked at\n" + output


@pytest.mark.slow
@needs_git
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_job_of_gitlab_runs(tmp_path: Path) -> None:
    require_packages()
    ours, theirs = clone_of_ours(tmp_path), tmp_path / "theirs"
    (theirs / "specs").mkdir(parents=True)
    (theirs / "specs" / "net.yaml").write_text(FINE)
    assert called(sys.executable, "-m", "venv", str(tmp_path / "venv"), folder=tmp_path)[0] == 0
    job = yaml.safe_load(snippet(GITLAB))["specs"]
    lines = "\n".join(job["script"]).replace("REPOSITORY", f"file://{ours}")
    lines = lines.replace("REVISION", git(ours, "rev-parse", "HEAD"))
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # As GitLab's runner does it: all lines in one shell that stops at the first that fails.
    code, output = called("bash", "-eo", "pipefail", "-c", lines, folder=theirs, PATH=path)
    assert code == 0, output
    assert output.endswith("1 file, 1 network: no problems\n")
    report = theirs / job["artifacts"]["reports"]["codequality"]
    assert yaml.safe_load(report.read_text()) == []
    (theirs / "specs" / "net.yaml").write_text(FINDING)
    code, output = called("bash", "-eo", "pipefail", "-c", lines, folder=theirs, PATH=path)
    assert code == 1, output
    assert [each["check_name"] for each in yaml.safe_load(report.read_text())] == ["expectation"]
