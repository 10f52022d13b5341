"""Scripts: where they come from, where they stop, and with which exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc.cli.main import run
from tests.repl.transcripts import DATA
from tests.workspace import Call, Workspace, command, finished

Capture = pytest.CaptureFixture[str]
FIGURES = (
    "params 12,822 → 10,566 (-2,256, -17.6 %) · macs 250,240 → 267,736 (+17,496, +7.0 %) · field 28x28 · output 10"
)


@pytest.fixture(autouse=True)
def _folder(workspace: Workspace) -> None:
    workspace.copy(DATA / "digits.yaml")


def scripted(workspace: Workspace, commands: str, *options: str) -> Call:
    """What a script on standard input prints, and its exit code."""
    return workspace.call("shell", "digits.yaml", *options, data=commands)


def test_commands_of_the_command_line(capsys: Capture) -> None:
    assert run(["shell", "digits.yaml", "-c", "set conv1.kernel_size 7", "-c", "show conv1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"set conv1.kernel_size to 7 (was 5)\n  {FIGURES}\nname ")
    assert err == ""


def test_nothing_is_written_without_save() -> None:
    before = Path("digits.yaml").read_bytes()
    assert run(["shell", "digits.yaml", "-c", "set conv1.kernel_size 7"]) == 0
    assert Path("digits.yaml").read_bytes() == before
    assert run(["shell", "digits.yaml", "-c", "set conv1.kernel_size 7", "-c", "save"]) == 0
    assert Path("digits.yaml").read_bytes() == before.replace(b"conv1, out_channels: 6, kernel_size: 5",
                                                              b"conv1, out_channels: 6, kernel_size: 7")  # fmt: skip


def test_a_script_leaves_no_recovery_copy(tmp_path: Path) -> None:
    run(["shell", "digits.yaml", "-c", "set conv1.kernel_size 7"])
    assert not (tmp_path / "state").exists()


def test_standard_input_is_a_script(workspace: Workspace) -> None:
    call = scripted(workspace, "# widen\n\nset conv1.kernel_size 7\n  history")
    assert call.code == 0
    assert call.out.endswith(f"  {FIGURES}\n  1  set conv1.kernel_size to 7\n")


@pytest.mark.parametrize(
    ("commands", "code", "message"),
    [
        ("show\nsett x\nhistory\n", 2, "line 2: error: there is no command `sett`"),
        ("\n\nset conv1.kernel_size 99\nhistory\n", 2, "line 3: error: the spec does not build now"),
        ("undo\nhistory\n", 2, "line 1: error: there is nothing to undo"),
        ("add relu after relu_1\ncheck\nhistory\n", 1, "line 2: error: `check` has findings"),
    ],
)
def test_the_first_error_ends_it(commands: str, code: int, message: str, workspace: Workspace) -> None:
    call = scripted(workspace, commands)
    assert call.code == code
    assert message in call.err
    assert "no edits yet" not in call.out
    assert "  1  " not in call.out  # history was not reached


def test_keep_going_runs_all_and_tells_the_worst(workspace: Workspace) -> None:
    commands = "add relu after relu_1\nsett\ncheck\nhistory\n"
    code, out, err = scripted(workspace, commands, "--keep-going")
    assert code == 2
    assert [line for line in err.splitlines() if line.startswith("line ")] == [
        "line 2: error: there is no command `sett`", "line 3: error: `check` has findings",
    ]  # fmt: skip
    assert out.endswith("  1  add relu after relu_1\n")


def test_keep_going_gets_over_what_does_not_build(workspace: Workspace) -> None:
    commands = "set conv1.kernel_size 99\nset conv1.kernel_size 3\nsave\n"
    assert scripted(workspace, commands, "--keep-going").code == 2
    assert "kernel_size: 3" in Path("digits.yaml").read_text(encoding="utf-8")


def test_quit_ends_a_script(workspace: Workspace) -> None:
    call = scripted(workspace, "quit\nsett\n")
    assert (call.code, call.err) == (0, "")


def test_figures_of_a_spec_that_does_not_build(capsys: Capture) -> None:
    Path("broken.yaml").write_text("input: [1, 4, 4]\nlayers:\n  - relux\n", encoding="utf-8")
    assert run(["shell", "broken.yaml", "-c", "show"]) == 2
    assert capsys.readouterr().err.startswith("-c 1: error: there are no figures yet: the spec does not build\n")


@pytest.mark.parametrize("text", ["layers: [", "[1, 2]", ""])
def test_what_is_no_spec_can_be_looked_at(text: str, capsys: Capture) -> None:
    Path("broken.yaml").write_text(text, encoding="utf-8")
    assert run(["shell", "broken.yaml", "-c", "yaml"]) == 0
    assert capsys.readouterr().out == text
    assert run(["shell", "broken.yaml", "-c", "check"]) == 1
    assert run(["shell", "broken.yaml", "-c", "set conv1.kernel_size 3"]) == 2
    assert run(["shell", "broken.yaml", "-c", "keys conv1"]) == 2


def test_shipped_specs_need_a_file_to_be_saved(capsys: Capture) -> None:
    assert run(["shell", "lenet@lenet5", "-c", "set conv1.kernel_size 3", "-c", "save"]) == 2
    assert "lenet has no file of its own" in capsys.readouterr().err
    assert run(["shell", "lenet", "-c", "set conv1.kernel_size 3", "-c", "save mine.yaml"]) == 0
    assert "kernel_size: 3" in Path("mine.yaml").read_text(encoding="utf-8")


def test_a_file_that_changed_on_disk_is_not_overwritten(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def lines() -> Iterator[str]:
        yield "set conv1.kernel_size 7\n"
        Path("digits.yaml").write_text("input: [1]\nlayers: [relu]\n", encoding="utf-8")
        yield "save\n"

    class Meanwhile:
        """Standard input during which someone else writes to the file."""

        isatty = staticmethod(lambda: False)
        __iter__ = staticmethod(lines)

    monkeypatch.setattr(sys, "stdin", Meanwhile())
    assert run(["shell", "digits.yaml"]) == 2
    assert "line 2: error: digits.yaml was changed by another program" in capsys.readouterr().err
    assert Path("digits.yaml").read_text(encoding="utf-8").startswith("input: [1]\n")


def test_the_spec_and_the_commands_cannot_both_be_standard_input(capsys: Capture) -> None:
    assert run(["shell", "-"]) == 2
    assert "give the commands with -c" in capsys.readouterr().err


def test_the_real_command_in_a_pipe() -> None:
    done = finished(command("shell", "digits.yaml"), b"set conv1.kernel_size 7\nshow\nsett\n")
    assert done.returncode == 2
    assert done.stdout.decode().count("\n") > 10
    assert done.stderr.decode().startswith("line 3: error: there is no command `sett`")


def test_the_real_command_on_a_spec_from_standard_input() -> None:
    done = finished(command("shell", "-", "-c", "show --columns params"), Path("digits.yaml").read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"12,822" in done.stdout


def test_commands_that_are_no_text() -> None:
    done = finished(command("shell", "digits.yaml"), b"show\n\xff\xfe\n")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
