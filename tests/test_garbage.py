"""When garbage is collected."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from convcalc.garbage import IDLE_OBJECTS, collect_when_idle, paused


class Ring:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _switched_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_much_young_garbage_is_collected_when_idle() -> None:
    ring = weakref.ref(Ring())
    others = [[number] for number in range(IDLE_OBJECTS + 1)]
    collect_when_idle()
    assert ring() is None
    assert len(others) == IDLE_OBJECTS + 1


def test_a_few_objects_are_left_for_later() -> None:
    ring = weakref.ref(Ring())
    collect_when_idle()
    assert ring() is not None


def test_the_collector_is_as_it_was_after_a_pause() -> None:
    with paused():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()
    with paused():
        assert not gc.isenabled()
    assert gc.isenabled()


ENDS = [
    ("end(3)", ""),
    ("atexit.register(print, 'registered'); end(3)", "registered\n"),
    ("threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start(); end(3)", "thread\n"),
]


@pytest.mark.parametrize(("code", "more"), ENDS)
def test_the_process_ends_with_all_that_is_printed(code: str, more: str) -> None:
    """Also what a library has registered for the end, and what another thread prints."""
    program = f"import atexit, threading, time\nfrom convcalc.garbage import end\nprint('printed')\n{code}"
    call = [sys.executable, "-c", program]
    done = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stdout, done.stderr) == (3, f"printed\n{more}", "")


def test_the_script_and_the_module_end_with_the_code_of_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "convcalc", "count", "no.yaml"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"there is no such file" in done.stderr
