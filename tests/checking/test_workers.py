"""`check` in several processes: the order of files, and processes that are ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.checking.files import BROKEN, FINE, LONG, OTHER, put
from tests.workspace import Workspace, command, environment, finished, python


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """An empty directory, which is the working directory."""
    return workspace.path


def called(*arguments: str, data: bytes = b"") -> tuple[int, bytes, bytes]:
    """`convcalc check` in a process of its own."""
    done = finished(command("check", *arguments), data)
    return done.returncode, done.stdout, done.stderr


def many(count: int) -> None:
    """Specs that take very different times, fine and broken, and YAML that is no spec."""
    for number in range(count):
        kinds = [FINE, BROKEN, OTHER, LONG]
        put(f"specs/{number % 5}/n{number}.yaml", kinds[number % len(kinds)])


def test_the_order_is_that_of_the_files_however_many_processes(folder: Path) -> None:
    many(40)
    one = called("specs", "--jobs", "1", "-v")
    assert one[0] == 2
    assert one[1].count(b"error[unknown-type]") == 10
    assert called("specs", "--jobs", "4", "-v") == one
    assert called("specs", "--jobs", "64", "-v", "--format", "json") == called("specs", "--format", "json", "-v")


def test_standard_input_beside_files(folder: Path) -> None:
    put("a.yaml", BROKEN)
    code, output, _ = called("a.yaml", "-", "-", "--jobs", "4", data=BROKEN.encode())
    assert code == 2
    assert [line.split(b":")[0] for line in output.splitlines() if b"error[" in line] == [b"a.yaml", b"<stdin>"]


def test_standard_input_that_cannot_be_read(folder: Path) -> None:
    put("a.yaml", BROKEN)
    code, output, errors = called("-", "a.yaml", data=b"\0")
    assert (code, errors) == (2, b"")
    assert output.startswith(b"<stdin>: error[encoding] ")
    assert b"a.yaml:2:10: error[unknown-type]" in output, "the other files are checked all the same"


def test_more_processes_than_there_is_work(folder: Path) -> None:
    many(12)
    assert called("specs", "--jobs", "100000")[0] == 2


def slow(layers: int = 200_000) -> str:
    """A spec that takes some seconds, or less with fewer layers."""
    return f"input: [3, 8, 8]\nlayers:\n  - relu: {{repeat: {layers}}}\n"


# A job in the background of a shell ignores Ctrl-C, and so would all that it starts.
HEARS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from convcalc.cli.main import main
main()
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the processes of a process are told by /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ended_from_outside(sent: signal.Signals, folder: Path) -> None:
    """No traceback, the exit code 130 of Ctrl-C, and no process stays behind."""
    for number in range(32):
        put(f"n{number}.yaml", slow())
    with subprocess.Popen(  # noqa: S603 - our own command
        python(HEARS_CTRL_C, "check", ".", "--jobs", "2"), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment(), start_new_session=True,
    ) as process:  # fmt: skip
        workers = wait_for_workers(process.pid)
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)  # as a terminal does
        else:
            process.send_signal(sent)
        output, errors = process.communicate(timeout=20)
    assert (output, errors.strip()) == (b"", b"")
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)
    deadline = time.monotonic() + 20
    while any(is_running(worker) for worker in workers):
        assert time.monotonic() < deadline, "a process stayed behind"
        time.sleep(0.02)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the processes of a process are told by /proc")
def test_a_process_that_is_killed(folder: Path) -> None:
    """The file that it had is named, and the others are checked."""
    for number in range(4):
        put(f"n{number}.yaml", slow(40_000))
    with subprocess.Popen(  # noqa: S603 - our own command
        command("check", ".", "--jobs", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        os.kill(wait_for_workers(process.pid)[0], signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (2, b"")
    lost = [line for line in output.decode().splitlines() if "process-ended" in line]
    assert len(lost) == 1
    assert re.fullmatch(
        r"n\d.yaml: error\[process-ended\] the process that checked this file was ended by SIGKILL", lost[0]
    )
    assert "  help: the machine may have run out of memory; `--jobs 1` checks the files one after another" in (
        output.decode().splitlines()
    )
    assert output.endswith(b"4 files, 3 networks: 1 error and 3 warnings\n")


def wait_for_workers(parent: int) -> list[int]:
    """The two processes that a process has started, once both are at work."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if len(children) == 2 and all(ignores_interrupts(int(child)) for child in children):
            return [int(child) for child in children]
        time.sleep(0.02)
    raise AssertionError("no processes were started")


def ignores_interrupts(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & 1 << (signal.SIGINT - 1))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_reader_that_has_gone(folder: Path) -> None:
    many(200)
    with subprocess.Popen(  # noqa: S603 - our own command
        command("check", ".", "--jobs", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")
