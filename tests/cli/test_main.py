"""convcalc itself: the welcome, and words that are no commands."""

from __future__ import annotations

import re
import shlex

import pytest

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
