"""The pager: which output goes through it, and how it ends, on a terminal of 24 lines."""

from __future__ import annotations

import os
import select
import shutil
import sys
import time

import pytest

from tests.workspace import PATIENCE_SECONDS, command, environment, finished

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are of POSIX", allow_module_level=True)

import pty
import termios

pytestmark = pytest.mark.slow
LONG, SHORT = ("count", "resnet18"), ("count", "lenet", "--top", "2", "--columns", "name")
MARKED = "sed s/^/P:/"  # a pager that shows which lines it had


def on_terminal(*args: str, keys: str = "", wait_for: str = "", **changes: str) -> tuple[int, str]:
    """The exit code of a command with a terminal of its own, and what it shows; keys are pressed after a text."""
    process, terminal = pty.fork()
    if not process:  # pragma: no cover - the child
        for name in ("CI", "COLUMNS", "LINES", "LESS", "PAGER", "CONVCALC_PAGER", "NO_COLOR", "FORCE_COLOR"):
            os.environ.pop(name, None)
        call = command(*args)
        os.execve(call[0], call, environment(**{"TERM": "xterm", **changes}))  # noqa: S606 - our own command
    termios.tcsetwinsize(terminal, (24, 80))
    shown, end = b"", time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux ends a terminal so
            break
        if not data:
            break
        shown += data
        if keys and wait_for.encode() in shown:
            for key in keys:
                time.sleep(0.3)
                os.write(terminal, key.encode())
            keys = ""
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("args", "changes", "is_paged"),
    [
        (LONG, {"PAGER": MARKED}, True),
        (("diff", "lenet", "alexnet"), {"PAGER": MARKED}, True),
        (LONG, {"CONVCALC_PAGER": MARKED, "PAGER": "cat"}, True),
        (LONG, {"CONVCALC_PAGER": "cat", "PAGER": MARKED}, False),
        (LONG, {"PAGER": f"{MARKED} | cat"}, True),
        (SHORT, {"PAGER": MARKED}, False),
        ((*LONG, "--no-pager"), {"PAGER": MARKED}, False),
        (("--no-pager", *LONG), {"PAGER": MARKED}, False),
        (LONG, {"PAGER": MARKED, "CI": "true"}, False),
        (LONG, {"PAGER": MARKED, "TERM": "dumb"}, False),
        (LONG, {"PAGER": ""}, False),
        (LONG, {"PAGER": "no-such-pager"}, False),
        (LONG, {"PAGER": "sed 's"}, False),
    ],
)
def test_what_goes_through_the_pager(args: tuple[str, ...], changes: dict[str, str], is_paged: bool) -> None:
    code, shown = on_terminal(*args, NO_COLOR="1", **changes)
    assert code == 0
    assert {line.startswith("P:") for line in shown.splitlines()} == {is_paged}
    assert "total" in shown


def test_the_pager_has_the_whole_text() -> None:
    plain = on_terminal(*LONG, PAGER="cat")[1]
    assert "\033[1m" in plain
    assert on_terminal(*LONG, PAGER="sed -n p")[1] == plain


def test_a_pager_that_ends_early_is_no_error() -> None:
    code, shown = on_terminal("count", "resnet152", "--format", "json", PAGER="head -1")
    assert (code, shown) == (0, "{\n")
    assert on_terminal("diff", "lenet", "alexnet", "--exit-code", PAGER="head -1")[0] == 1


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
@pytest.mark.parametrize("keys", ["q", "\x03q"], ids=["q", "Ctrl-C, q"])
def test_less_keeps_colours_and_ends_with_q(keys: str) -> None:
    code, shown = on_terminal("count", "resnet152", keys=keys, wait_for="\n:")
    assert code == 0
    assert "\033[1mResNet" in shown
    assert "total" not in shown


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less_without_colours_gets_none() -> None:
    assert "1mResNet" not in on_terminal("count", "resnet152", keys="q", wait_for="\n:", LESS="X")[1]


def test_a_pipe_has_no_pager() -> None:
    done = finished(command(*LONG), PAGER=MARKED, TERM="xterm")
    assert done.stdout.startswith(b"ResNet")
