"""What the shell says to every command, line by line.

A transcript starts with its spec, then has commands after `> ` and what is said to them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.repl.commands import COMMANDS
from tests.golden import assert_golden
from tests.repl.transcripts import DATA, copied, said, shell_on

TRANSCRIPTS = sorted(DATA.glob("*.txt"))


def played(transcript: str, folder: Path) -> str:
    """The transcript with what is said to its commands today."""
    lines = transcript.splitlines()
    shell = shell_on(copied(lines[0].removeprefix("spec: "), folder).name)
    found = [f"{lines[0]}\n"]
    for line in lines:
        if line.startswith("> "):
            found += [f"{line}\n", said(shell, line.removeprefix("> "))]
    return "".join(found)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_golden(path, played(path.read_text(encoding="utf-8"), tmp_path))


def test_every_command_is_played() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in TRANSCRIPTS)
    unplayed = [name for name in COMMANDS if f"\n> {name}" not in text]
    assert unplayed == []


def test_the_page_shows_a_real_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "guides" / "shell.md").read_text(encoding="utf-8")
    spec = page.partition("```yaml\n")[2].partition("```")[0]
    shown = page.partition("```text\n$ convcalc shell digits.yaml\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    Path("digits.yaml").write_text(spec, encoding="utf-8")
    shell = shell_on("digits.yaml")
    shell.welcome()
    found = capsys.readouterr().out
    for line in shown.splitlines():
        mark, prompt, command = line.partition("> ")
        if prompt and mark.startswith("digits.yaml"):
            found += f"{shell.mark()}{command}\n{said(shell, command)}"
    assert f"{found}{shell.mark().rstrip()}\n" == shown


# What the examples of the help speak of.
NET = """\
input: [3, 64, 64]
params: {width: 8}
variants:
  small: {params: {width: 4}}
blocks:
  pair:
    layers:
      - conv2d: {name: first, out_channels: 8, kernel_size: 3}
layers:
  - conv2d: {name: conv1, out_channels: =width, kernel_size: 5, bias: false}
  - relu
  - max_pool2d: {name: pool1, kernel_size: 2}
  - pair: {name: layer1}
  - conv2d: {name: conv2, out_channels: 16, kernel_size: 3}
  - relu
"""
# What must have been done before, for the example to make sense.
BEFORE = {
    "move relu_1 up": ["move relu_1 2"],
    "undo": ["set conv1.kernel_size 3"],
    "undo 3": ["set conv1.kernel_size 3", "set conv1.kernel_size 7", "remove relu_2"],
    "redo": ["set conv1.kernel_size 3", "undo"],
    "diff wide": ["pin wide"],
    "unpin wide": ["pin wide"],
}


@pytest.mark.parametrize("example", [example for command in COMMANDS.values() for example in command.examples], ids=str)
def test_examples_of_the_help_work(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET, encoding="utf-8")
    shell = shell_on("net.yaml")
    said(shell, *BEFORE.get(example, []))
    text = said(shell, example)
    assert "error" not in text, text
