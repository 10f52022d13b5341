"""The options of a sweep that say where it runs and what it keeps, and how its end is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from convcalc.arith.units import group_digits
from convcalc.cli.complete import complete_file
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.ranges import Range, Shard, parse_shard, size_of
from convcalc.sweeping.runner import Progress, Run, run

if TYPE_CHECKING:
    from convcalc.sweeping.merging import Merged

F = TypeVar("F", bound=Callable[..., Any])
INTERRUPTED, INCOMPLETE = 130, 1
LISTED = 8  # ranges or shards in a message


class Running(NamedTuple):
    """The values of --jobs, --out, --shard, --merge and --scheduler."""

    jobs: int | None = None
    out: str | None = None
    shard: Shard | None = None
    merge: bool = False
    scheduler: str | None = None

    def start(self, evaluator: Evaluator, progress: Callable[[Progress], None], stopped: Callable[[], bool]) -> Run:
        """The sweep of a plan; it runs while its rows are read."""
        return run(
            evaluator.plan, jobs=self.jobs, store=self.out, shard=self.shard, scheduler=self.scheduler,
            progress=progress, stopped=stopped, evaluator=evaluator,
        )  # fmt: skip

    def merged(self, files: Sequence[str]) -> Merged:
        """The results of several stores. Raises UsageError."""
        given = {"--jobs": self.jobs, "--shard": self.shard, "--scheduler": self.scheduler}
        surplus = next((name for name, value in given.items() if value is not None), None)
        if surplus is not None:
            raise UsageError(f"--merge and {surplus} contradict each other", "--merge only joins what was run before")
        from convcalc.sweeping.merging import merged  # SQLite is needed only here

        return merged(files, self.out)


def running_options(function: F) -> F:
    """--jobs, --out, --shard, --merge and --scheduler; the command gets them as `running`."""

    @click.option(
        "--jobs",
        type=click.IntRange(min=0),
        metavar="N",
        help="Processes at a time; by default as many as the work is worth.",
    )
    @click.option(
        "--out",
        metavar="FILE",
        shell_complete=complete_file,
        help="Keep the results in a database (SQLite). A run that was ended goes on where it was.",
    )
    @click.option(
        "--shard", metavar="I/N", help="Only part I of N, for array jobs on a cluster: 3/100. With --out, for --merge."
    )
    @click.option(
        "--merge", is_flag=True, help="Join the databases that are given in place of TARGET; with --out into one file."
    )
    @click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run on a Dask cluster, such as tcp://host:8786; `local` starts one here.",
    )
    @wraps(function)
    def with_running(
        *args: Any,
        jobs: int | None,
        out: str | None,
        shard: str | None,
        merge: bool,
        scheduler: str | None,
        **options: Any,
    ) -> Any:
        if jobs and scheduler not in (None, "local"):
            raise UsageError("--jobs and --scheduler contradict each other", "the cluster has its workers already")
        part = None if shard is None else parse_shard(shard)
        return function(*args, running=Running(jobs, out, part, merge, scheduler), **options)  # fmt: skip

    return with_running  # type: ignore[return-value]  # click calls it by the names of the options


def say_end(result: Run | Merged, out: str | None) -> int:
    """Say on stderr what is missing and why; the exit code."""
    if result.is_stopped:
        total, done = size_of(result.parts), size_of(result.parts) - size_of(result.missing)
        how = "the same command goes on" if out is not None else "with --out FILE, the next run could go on"
        _say("note", f"stopped after {group_digits(done)} of {group_digits(total)} candidates", how)
        return INTERRUPTED
    for lost in result.lost:
        message = f"there is no result for {_candidates([lost.range])}: {lost.reason}, several times"
        _say("warning", message, "the machine may have run out of memory; try fewer --jobs")
    if not isinstance(result, Run) and result.missing:
        _say_missing(result)
    return INCOMPLETE if result.missing else 0


def _say_missing(result: Merged) -> None:
    """Say which candidates no store has."""
    shards = result.missing_shards
    if shards:
        numbers = _some([str(shard.number) for shard in shards])
        whose = f"those of shard{'' if len(shards) == 1 else 's'} {numbers} of {shards[0].count}"
        message = f"{group_digits(size_of(result.missing))} candidates are in none of the files: {whose}"
    else:
        message = f"{_candidates(result.missing)} are in none of the files"
    _say("warning", message, "run what is missing, then merge again")


def _candidates(ranges: Sequence[Range]) -> str:
    """Candidates with their numbers: `3 candidates (5, 8 to 9)`."""
    count = size_of(ranges)
    return f"{group_digits(count)} candidate{'' if count == 1 else 's'} ({_some([str(each) for each in ranges])})"


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - LISTED
    return ", ".join(texts[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _say(kind: str, message: str, help: str) -> None:
    style = style_for(sys.stderr)
    sys.stderr.write(f"{style(kind, kind)}: {message}\n  {style('help', 'help')}: {help}\n")
