"""The long run: as many mutations as wanted, side by side, each within 5 s of processor time and 500 MB.

    python -m tests.fuzz.run --inputs 100000 --seed 1 --jobs 2 --failures /tmp/failures

Input number N of a seed is always the same. What fails is made as small as it can be while it fails in the same way,
and saved; mended, it belongs into tests/data/fuzz. Exit code 1 where anything failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.mutations import mutated
from tests.fuzz.survival import TooLong, bounded, confine, survive

INPUTS_PER_PROCESS = 2000
SECONDS_TO_SHRINK = 60


class Failure(Exception):
    """How an input failed: the exception and where it came from, for two inputs may fail alike."""

    def __init__(self, kind: str, trace: str) -> None:
        super().__init__(kind)
        self.kind = kind
        self.trace = trace


def attempt(data: bytes) -> Failure | None:
    """The failure of an input, or None."""
    try:
        with bounded():
            survive(data)
    except (Exception, TooLong) as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = next((frame for frame in reversed(frames) if "convcalc" in frame.filename), frames[-1])
        # Where time or memory ran out differs from run to run.
        at = (
            ""
            if isinstance(error, (TooLong, MemoryError, RecursionError))
            else f"-{Path(ours.filename).stem}-{ours.name}"
        )
        return Failure(type(error).__name__ + at, traceback.format_exc())
    return None


def shrunk(data: bytes, failure: Failure) -> bytes:
    """The input with every line, then every character left out without which it still fails so."""
    until = time.monotonic() + SECONDS_TO_SHRINK

    def fails(candidate: bytes) -> bool:
        found = attempt(candidate)
        return found is not None and found.kind == failure.kind

    for unit in (b"\n", b""):
        parts = data.splitlines(keepends=True) if unit else [data[at : at + 1] for at in range(len(data))]
        data = b"".join(_without(parts, lambda kept: fails(b"".join(kept)), until))
    return data


def _without(parts: list[bytes], fails: Callable[[list[bytes]], bool], until: float) -> list[bytes]:
    """The parts that are needed, by leaving out ever smaller runs of them."""
    size = max(1, len(parts) // 2)
    while True:
        start, before = 0, len(parts)
        while start < len(parts) and time.monotonic() < until:
            fewer = parts[:start] + parts[start + size :]
            if fails(fewer):
                parts = fewer
            else:
                start += size
        if time.monotonic() >= until or (size == 1 and len(parts) == before):
            return parts
        size = max(1, size // 2)


def work(seed: int, numbers: range, failures: Path, current: Path) -> None:
    """Try the inputs of these numbers in a confined process; tell how many failed by the exit code."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        confine(Path(folder))
        for number in numbers:
            data = mutated(random.Random(f"{seed} {number}"))  # noqa: S311 - nothing is secret here
            current.write_bytes(data)
            failure = attempt(data)
            if failure is not None:
                failed += 1
                save(failures, failure.kind, number, data, failure)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{numbers.start}-{numbers.stop - 1}: {failed} failed, peak {peak / 1024:.0f} MB", flush=True)
    current.unlink()
    sys.exit(bool(failed))


def save(failures: Path, kind: str, number: int, data: bytes, failure: Failure | None) -> None:
    """Save an input of a kind of failure that is not there yet, as it was and as small as it gets."""
    if any(failures.glob(f"{kind}.*.yaml")):
        return
    (failures / f"{kind}.{number}.whole").write_bytes(data)
    (failures / f"{kind}.{number}.yaml").write_bytes(data if failure is None else shrunk(data, failure))
    (failures / f"{kind}.{number}.txt").write_text("" if failure is None else failure.trace, encoding="utf-8")
    print(f"input {number}: {kind}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Check mutations of the specs; none may fail.")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--failures", type=Path, default=Path("failures"), help="where failing inputs are saved")
    given = parser.parse_args()
    failures = given.failures.absolute()
    failures.mkdir(parents=True, exist_ok=True)
    starts = range(given.first, given.first + given.inputs, INPUTS_PER_PROCESS)
    seeds.value(random.Random())  # noqa: S311 - read once, before the processes are made
    waiting = [range(start, min(start + INPUTS_PER_PROCESS, given.first + given.inputs)) for start in reversed(starts)]
    running: dict[multiprocessing.Process, tuple[range, Path]] = {}
    is_fine = True
    while waiting or running:
        while waiting and len(running) < given.jobs:
            numbers = waiting.pop()
            current = failures / f"current-{numbers.start}"
            process = multiprocessing.Process(target=work, args=(given.seed, numbers, failures, current))
            process.start()
            running[process] = numbers, current
        time.sleep(0.1)
        for process in [process for process in running if not process.is_alive()]:
            numbers, current = running.pop(process)
            is_fine &= process.exitcode == 0
            if process.exitcode not in (0, 1):  # the kernel ended it: the input at hand is to blame
                save(failures, f"killed-{process.exitcode}", numbers.start, current.read_bytes(), None)
    print(f"{given.inputs:,} inputs: {'none failed' if is_fine else f'some failed, see {failures}'}")
    sys.exit(not is_fine)


if __name__ == "__main__":
    main()
