"""The GitHub Action: its scripts are run as a runner would, with inputs of every kind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.checkout import require_packages
from tests.workspace import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
FINDING = "input: [3]\nlayers: [linear: {out_features: 2}]\nexpect: {params: 7}\n"

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


def evaluated(text: str, inputs: dict[str, str]) -> str:
    """A value of `env` or `if` as GitHub evaluates it."""
    known = {f"inputs.{name}": value for name, value in inputs.items()} | {"github.action_path": str(ROOT)}
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text)


class Job:
    """A job in a directory of its own, with the files that a runner keeps."""

    def __init__(self, folder: Path) -> None:
        self.temporary, self.workspace = folder / "temp dir", folder / "work space"
        self.output = folder / "output"
        self.temporary.mkdir()
        self.workspace.mkdir()
        self.called = folder / "called"

    def stand_in(self, body: str) -> None:
        """Put a program where the action installs convcalc."""
        bin = self.temporary / "convcalc" / "bin"
        bin.mkdir(parents=True)
        (bin / "convcalc").write_text(f"#!/usr/bin/env bash\n{body}\n")
        (bin / "convcalc").chmod(0o755)

    def run(self, step: str, **inputs: str) -> tuple[int, str]:
        """Run the script of a step; its exit code and all that it prints. Inputs have `_` for the `-` in a name."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= ACTION["inputs"].keys()
        values = {name: given.get(name, each["default"]) for name, each in ACTION["inputs"].items()}
        self.output.write_text("")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        environment |= {name: evaluated(text, values) for name, text in STEPS[step]["env"].items()}
        environment |= {"RUNNER_TEMP": str(self.temporary), "GITHUB_OUTPUT": str(self.output)}
        environment |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.workspace)}
        script = self.workspace.parent / "script.sh"
        script.write_text(STEPS[step]["run"])
        done = subprocess.run(  # noqa: S603 - the script of the action, called as a runner does
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # noqa: S607
            cwd=self.workspace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        return done.returncode, done.stdout

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call of the stand-in."""
        return [call.split("\0")[:-1] for call in self.called.read_text().split("\n\0")[:-1]]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.fixture
def recorded(job: Job) -> Job:
    """A job whose convcalc notes what it is called with."""
    job.stand_in(f"printf '%s\\0' \"$@\" >>'{job.called}'\nprintf '\\n\\0' >>'{job.called}'")
    return job


@pytest.fixture
def real(job: Job) -> Job:
    """A job whose convcalc is that of this checkout."""
    job.stand_in(f"""\
export PYTHONPATH={str(ROOT)!r}
exec {sys.executable!r} -c 'from convcalc.cli.main import main; main()' "$@" """)
    (job.workspace / "net.yaml").write_text(FINDING)
    return job


def test_every_input_is_used_described_and_has_a_default() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "guides" / "ci.md").read_text(encoding="utf-8")
    for name, each in ACTION["inputs"].items():
        assert re.search(rf"\binputs\.{name}\b(?!-)", text), f"{name} is not used"
        assert each["description"].endswith(".")
        assert isinstance(each["default"], str)
        default = f"`{each['default']}`" if each["default"] else ""
        assert f"| `{name}` | {default} | {each['description']} |" in page
    for name in ACTION["outputs"]:
        assert f"The output `{name}`" in page
        assert f'"{name}=' in STEPS["Check"]["run"]


def test_no_expression_stands_in_a_script() -> None:
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")


def test_every_variable_of_a_step_is_read() -> None:
    for step in STEPS.values():
        for name in step.get("env", {}):
            assert f"${name}" in step["run"]


@needs_bash
def test_without_inputs_the_workspace_is_checked(recorded: Job) -> None:
    assert recorded.run("Check") == (0, "")
    assert recorded.calls == [["check", "--", "."]]
    assert recorded.output.read_text() == "exit-code=0\n"


@needs_bash
def test_every_input_becomes_an_argument(recorded: Job) -> None:
    assert recorded.run(
        "Check", paths="a\n\nb c\r\n*.yaml\n", select="x,y", ignore="z", fail_on="error", max_params="5M",
        max_macs="300 MMACs", baseline="origin/main", max_growth="params=2%\nmacs=0\n", locked="true",
        against="pytorch:net:Net(1)\nwide=pytorch:net:Net(2)", weights="a b.pth", input="3x4x4", python="my python",
        config="my config.yaml", args="--budget=params <= 5M\n--jobs=1", format="text",
    ) == (0, "")  # fmt: skip
    assert recorded.calls == [
        ["check", "--select=x,y", "--ignore=z", "--fail-on=error", "--max-params=5M", "--max-macs=300 MMACs",
         "--baseline=origin/main", "--max-growth=params=2%", "--max-growth=macs=0", "--against=pytorch:net:Net(1)",
         "--against=wide=pytorch:net:Net(2)", "--weights=a b.pth", "--input=3x4x4", "--python=my python",
         "--config=my config.yaml", "--budget=params <= 5M",
         "--jobs=1", "--locked", "--format=text", "--", "a", "b c", "*.yaml"],
    ]  # fmt: skip


@needs_bash
def test_sarif_is_written_beside_the_annotations(recorded: Job) -> None:
    assert recorded.run("Check", sarif_file="out file.sarif", paths="specs", max_params="5M")[0] == 0
    assert recorded.calls == [
        ["check", "--max-params=5M", "--format=sarif", "--output=out file.sarif", "--", "specs"],
        ["check", "--max-params=5M", "--", "specs"],
    ]


HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "; touch pwned #", "' ; touch pwned ; '", '" ; touch pwned ; "',
    "a && touch pwned",
    "| touch pwned", "${IFS}touch${IFS}pwned", "$((x[$(touch pwned)]))", "*", "?", "~", "-n", "--help", "\\", "%s%n",
    "${{ github.token }}", "!!", "<<<x", "a\tb",
]  # fmt: skip


@needs_bash
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_an_input_is_run(text: str, recorded: Job) -> None:
    inputs = {name.replace("-", "_"): text for name in ACTION["inputs"] if name not in ("locked", "python-version")}
    assert recorded.run("Check", **inputs) == (0, "")
    assert list(recorded.workspace.iterdir()) == []
    sarif, annotations = recorded.calls
    assert annotations == [
        "check", f"--select={text}", f"--ignore={text}", f"--fail-on={text}", f"--max-params={text}",
        f"--max-macs={text}", f"--baseline={text}", f"--max-growth={text}", f"--against={text}",
        f"--weights={text}", f"--input={text}", f"--python={text}", f"--config={text}", text,
        f"--format={text}", "--", text,
    ]  # fmt: skip
    assert f"--output={text}" in sarif
    code, output = recorded.run("Check", locked=text)
    assert code == 2
    assert output.startswith("the input locked is true or false, not ")
    assert list(recorded.workspace.iterdir()) == []


@needs_bash
def test_findings_are_annotations_and_fail_the_step(real: Job) -> None:
    code, output = real.run("Check", sarif_file="out.sarif")
    assert code == 1
    assert "::error file=net.yaml,line=3,endLine=3,col=18,endColumn=19,title=expectation::" in output
    assert real.output.read_text() == "exit-code=1\n"
    assert '"expectation"' in (real.workspace / "out.sarif").read_text()


@needs_bash
def test_the_options_of_the_action_are_those_of_check(real: Job) -> None:
    """Every option that the script writes is known to `check`, in one call with all of them but the baseline."""
    (real.workspace / "net.yaml").write_text(FINDING.replace("7", "8"))
    (real.workspace / ".convcalc.yaml").write_text("ignore: [dropped-rows]\n")
    code, output = real.run(
        "Check", paths="net.yaml", select="all", ignore="small-receptive-field", fail_on="error", max_params="5",
        max_macs="300 MMACs", config=".convcalc.yaml", args="--verbose\n--budget=params <= 7", format="text",
    )  # fmt: skip
    assert code == 1, output
    assert output.count("error[budget]") == 2, output
    code, output = real.run("Check", locked="true", max_growth="params=2%", baseline="main")
    assert (code, "no such option" in output.lower()) == (2, False), output


@needs_bash
def test_a_wrong_input_is_told(real: Job) -> None:
    code, output = real.run("Check", paths="nets/")
    assert (code, real.output.read_text()) == (2, "exit-code=2\n")
    assert "there is no file `nets/`" in output


@pytest.mark.slow
@needs_bash
def test_the_action_installs_itself(job: Job) -> None:
    require_packages()
    code, output = job.run("Install convcalc")
    assert code == 0, output
    (job.workspace / "net.yaml").write_text(FINDING)
    code, output = job.run("Check")
    assert code == 1, output
    assert "title=expectation" in output
