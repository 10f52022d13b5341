"""convcalc itself: the welcome, and words that are no commands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.metadata import version

import pytest

from convcalc import __version__
from convcalc.cli.main import COMMANDS, WELCOME
from tests.workspace import Workspace


def test_without_arguments_it_welcomes(workspace: Workspace) -> None:
    call = workspace.call()
    assert (call.code, call.out, call.err) == (0, WELCOME, "")
    assert max(map(len, WELCOME.splitlines())) <= 80


def test_the_commands_of_the_welcome_run(workspace: Workspace) -> None:
    examples = re.findall(r"^  convcalc (.*?)(?:  +|$)", WELCOME, re.M)
    assert len(examples) == 7
    for example in examples[:5]:
        assert workspace.call(*shlex.split(example)).code == 0


@pytest.mark.parametrize(
    ("words", "help"),
    [
        ("cuont lenet", "did you mean count?"),
        ("explan", "did you mean explain"),
        ("lenet", "a command comes first: convcalc count lenet"),
        ("resnet50", "a command comes first: convcalc count resnet50"),
        ("lenet@lenet5", "a command comes first: convcalc count lenet@lenet5"),
        ("model.onnx", "a command comes first: convcalc count model.onnx"),
        ("foo", "the commands are count, compare,"),
        ("xyzzy", "the commands are count, compare,"),
    ],
)
def test_a_word_that_is_no_command(words: str, help: str, workspace: Workspace) -> None:
    call = workspace.call(*words.split())
    assert call.code == 2
    assert call.err.startswith(f"error: there is no command `{words.split()[0]}`\n  help: {help}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help(name: str, workspace: Workspace) -> None:
    call = workspace.call(name, "--help")
    assert call.code == 0
    assert call.out.startswith(f"Usage: convcalc {name} ")


@pytest.mark.parametrize(
    ("target", "help"),
    [
        ("model.py", "it is code: name a class or function in it, pytorch:model:NAME"),
        ("notes.docx", "the endings of files that can be read are .yaml, .yml, .pt2, .onnx"),
        ("weights.pth", "weights have no graph"),
        ("model.tflite", "save the model as .keras, or convert it to .onnx"),
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_no_network(target: str, help: str, is_there: bool, workspace: Workspace) -> None:
    if is_there:
        workspace.write({target: b"import torch\n" if target.endswith(".py") else b"PK\x03\x04\x00"})
    call = workspace.call("count", target)
    assert call.code == 2
    assert f"  help: {help}" in call.err


@pytest.mark.parametrize("call", ["--version", "-V", "--version count lenet"])
def test_the_version(call: str, workspace: Workspace) -> None:
    assert workspace.call(*call.split()).out == f"convcalc {__version__}\n"


def test_the_version_for_a_bug_report(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("SECRET_TOKEN", "xyz")
    printed = workspace.call("--version", "--verbose").out
    lines = dict(re.split("  +", line, maxsplit=1) for line in printed.splitlines())
    assert lines["convcalc"].startswith(f"{__version__}, ")
    assert sys.executable in lines["Python"]
    assert f"click {version('click')}" in lines["libraries"]
    assert lines["YAML parser"] in ("libyaml", "Python (without libyaml)")
    assert {"extra explore", "extra draw", "terminal", "system"} <= lines.keys()
    assert "NO_COLOR=1" in lines["variables"]
    assert "xyz" not in printed


def test_verbose_is_of_the_version(workspace: Workspace) -> None:
    call = workspace.call("--verbose", "count", "lenet")
    assert (call.code, call.out) == (2, "")
    assert "--verbose belongs to --version" in call.err


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "convcalc", "-V"], capture_output=True, text=True, check=True)
    assert done.stdout == f"convcalc {__version__}\n"
