"""The prompt: what ends it, what does not, and what becomes of unsaved changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc.editor import Session, open_session
from convcalc.repl.repl import Shell
from tests.repl.transcripts import copied, shell_on

CTRL_C, CTRL_D = KeyboardInterrupt(), EOFError()
Capture = pytest.CaptureFixture[str]


class Typed:
    """A prompt at which these lines are typed. It remembers what stood before the cursor."""

    def __init__(self, *lines: str | BaseException) -> None:
        self.lines: Iterator[str | BaseException] = iter(lines)
        self.marks: list[str] = []

    def read(self, mark: str) -> str:
        self.marks.append(mark)
        line = next(self.lines)
        if isinstance(line, BaseException):
            raise line
        return line

    ask = read

    @property
    def is_empty(self) -> bool:
        return next(self.lines, None) is None


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(copied("digits.yaml", tmp_path).parent)
    return shell_on("digits.yaml")


def typed(shell: Shell, *lines: str | BaseException) -> Typed:
    """A prompt that was worked with until it ended: all lines must have been read."""
    prompt = Typed(*lines)
    shell.prompt(prompt)
    assert prompt.is_empty
    return prompt


@pytest.mark.parametrize("end", ["quit", "exit", "q", CTRL_D], ids=repr)
def test_without_changes_it_ends_at_once(shell: Shell, end: str | BaseException) -> None:
    typed(shell, "show", end)


def test_errors_do_not_end_it(shell: Shell, capsys: Capture) -> None:
    typed(shell, "sett", "set", "set conv1.kernel_size 99", "set 'x", "undo", "quit")
    assert capsys.readouterr().err.count("error: ") == 4


def test_the_mark_tells_the_state(shell: Shell) -> None:
    prompt = typed(shell, "set conv1.kernel_size 99", "undo", "set conv1.kernel_size 7", "save", "quit")
    assert prompt.marks == ["digits.yaml> ", "digits.yaml*!> ", "digits.yaml> ", "digits.yaml*> ", "digits.yaml> "]


def test_the_mark_tells_the_variant(tmp_path: Path) -> None:
    shell = shell_on(copied("family.yaml", tmp_path))
    assert typed(shell, "variant small", "quit").marks == ["family.yaml> ", "family.yaml@small> "]


def test_ctrl_c_cancels_the_line(shell: Shell) -> None:
    prompt = typed(shell, CTRL_C, "set conv1.kernel_size 7", CTRL_C, "undo", "quit")
    assert len(prompt.marks) == 5


def test_ctrl_c_cancels_what_runs(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupted(self: Session, *values: object, **options: object) -> Iterator[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "sweep", interrupted)
    typed(shell, "sweep conv1.stride", "quit")
    assert "cancelled" in capsys.readouterr().err


def test_a_bug_does_not_lose_the_changes(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def faulty(self: Session, layer: str) -> object:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(Session, "fields", faulty)
    typed(shell, "set conv1.kernel_size 7", "keys conv1", "save", "quit")
    error = capsys.readouterr().err
    assert re.search(r"this is a bug in convcalc \S+: ZeroDivisionError: by zero at \w+.py:\d+\n", error)
    assert "kernel_size: 7" in Path("digits.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("answers", "kernel"),
    [
        (["quit", "y"], 7),
        ([CTRL_D, "yes"], 7),
        (["quit", "n"], 5),
        (["quit", "c", CTRL_D, "n"], 5),
        (["quit", CTRL_C, "undo", "quit"], 5),
        (["quit", "what", "", "n"], 5),
        (["quit", "c", "save", "quit"], 7),
    ],
    ids=str,
)
def test_unsaved_changes_are_asked_about(shell: Shell, answers: list[str | BaseException], kernel: int) -> None:
    typed(shell, "set conv1.kernel_size 7", *answers)
    text = Path("digits.yaml").read_text(encoding="utf-8")
    assert f"conv1, out_channels: 6, kernel_size: {kernel}" in text
    assert open_session("digits.yaml").recoverable() is None


def test_a_file_that_changed_keeps_the_prompt_open(shell: Shell, capsys: Capture) -> None:
    path = Path("digits.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Digits", "Others"), encoding="utf-8")
    typed(shell, "set conv1.kernel_size 7", "quit", "y", "quit", "n")
    assert "digits.yaml was changed by another program" in capsys.readouterr().err
    assert "Others" in path.read_text(encoding="utf-8")


def test_a_shipped_spec_is_saved_under_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    typed(shell_on("lenet"), "set conv1.kernel_size 7", "quit", "y", "save mine.yaml", "quit")
    assert "kernel_size: 7" in Path("mine.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", [SystemExit(129), SystemExit(143), OSError(5, "gone"), CTRL_D], ids=repr)
def test_what_was_not_saved_is_offered_next_time(shell: Shell, ending: BaseException, capsys: Capture) -> None:
    prompt = Typed("set conv1.kernel_size 7", *([CTRL_D, CTRL_D] if ending is CTRL_D else [ending]))
    if ending is CTRL_D:
        shell.prompt(prompt)
    else:
        with pytest.raises(type(ending)):
            shell.prompt(prompt)
    again = shell_on("digits.yaml")
    typed(again, "y", "show conv1", "save", "quit")
    assert "7x7" in capsys.readouterr().out
    assert "kernel_size: 7" in Path("digits.yaml").read_text(encoding="utf-8")
    assert open_session("digits.yaml").recoverable() is None


@pytest.mark.parametrize(("answer", "is_kept"), [("n", False), ("l", True), (CTRL_C, True), (CTRL_D, True)], ids=str)
def test_the_offer_can_be_declined_or_put_off(shell: Shell, answer: str | BaseException, is_kept: bool) -> None:
    with pytest.raises(SystemExit):
        shell.prompt(Typed("set conv1.kernel_size 7", SystemExit(143)))
    typed(shell_on("digits.yaml"), answer, "set conv1.kernel_size 3", "undo", "quit")
    assert (open_session("digits.yaml").recoverable() is not None) == is_kept


def test_a_copy_that_cannot_be_written_is_said_once(shell: Shell, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "state").write_text("no directory", encoding="utf-8")
    typed(shell, "set conv1.kernel_size 7", "set conv1.kernel_size 9", "show", "quit", "n")
    out, err = capsys.readouterr()
    assert err.count("warning: no recovery copy can be written: ") == 1
    assert "recovery" not in out


def test_changes_are_not_promised_where_no_copy_can_be_written(shell: Shell, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "state").write_text("no directory", encoding="utf-8")
    typed(shell, "set conv1.kernel_size 7", CTRL_D, CTRL_D)
    out, err = capsys.readouterr()
    assert "The changes are stored" not in out
    assert "no recovery copy can be written" in err


def test_a_spec_that_does_not_build_says_why_at_once(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("input: [1, 4, 4]\nlayers:\n  - relux\n", encoding="utf-8")
    prompt = typed(shell_on(path), "set input 1x5x5", "quit", "n")
    assert "unknown-type" in capsys.readouterr().err
    assert prompt.marks[0] == "broken.yaml!> "


def test_it_starts_with_the_totals(shell: Shell, capsys: Capture) -> None:
    typed(shell, "quit")
    totals, help = capsys.readouterr().out.splitlines()
    assert totals.startswith("params 12,822 · macs 250,240")
    assert help == "`help` lists the commands, Tab completes, `quit` leaves."


def test_a_spec_that_does_not_build_starts_with_its_problems(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: [3]\nlayers:\n  - Dense: {units: 3}\n", encoding="utf-8")
    typed(shell_on(path), "quit")
    said = capsys.readouterr()
    assert "`- linear: {out_features: 3}`" in said.err
    assert said.out.startswith("`help` lists the commands")
