"""What must come of any input: findings that every format can tell, without an exception, in bounded time."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import convcalc
from convcalc import bounds
from convcalc.checking import formats
from convcalc.checking.check_source import check_source
from convcalc.checking.fixing import fix_text
from convcalc.checking.formats.github import job_summary
from convcalc.checking.results import FileResult, Results
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError, UsageError
from convcalc.lint.rules import RULES
from convcalc.problems import Problem
from convcalc.render.formats.json import json_chunks
from convcalc.render.report import report_sheet
from convcalc.render.text import text_chunks
from convcalc.report.columns import COLUMNS, columns
from convcalc.report.view import View
from convcalc.text.source import Source, decode

SECONDS = 5
MEGABYTES = 500
MAX_MESSAGE = 5000
NAME = "spec.yaml"
SETTINGS = Settings(tuple(RULES))


class TooLong(BaseException):
    """An input took more than its seconds of processor time; no handler of ours may swallow that."""


def survive(data: bytes) -> FileResult | None:
    """Check an input with every rule, tell what was found in every format, and make the fixes. Raises what it finds.

    None where the bytes are no text.
    """
    try:
        source = decode(NAME, data)
    except SpecError as error:
        tell(FileResult(NAME, error.problems, {}))
        return None
    checked = check_source(source, SETTINGS)
    tell(checked)
    if any(problem.fix for problem in checked.problems):
        fix_text(data.decode(), lambda text: Source(NAME, text.removeprefix("\ufeff")), SETTINGS)
    if not checked.is_broken and checked.targets:
        show(source.text)
    return checked


def tell(checked: FileResult) -> None:
    """Every format holds what was found, and is well-formed."""
    for problem in checked.problems:
        _assert_sound(problem)
    results = Results([checked])
    texts = {name: "".join(formats.chunks(name, results, formats.Options(verbose=True))) for name in formats.FORMATS}
    for text in texts.values():
        text.encode()
    for name in ("json", "gitlab", "sarif"):
        json.loads(texts[name])
    ElementTree.fromstring(texts["junit"])  # noqa: S314 - our own output
    annotations = [line for line in re.split("[\r\n]", texts["github"]) if line.startswith("::")]
    assert len(annotations) == len(checked.problems), "an annotation is one line"
    "".join(job_summary(results)).encode()


def _assert_sound(problem: Problem) -> None:
    assert problem.rule
    assert problem.message
    assert len(str(problem)) + len(problem.help) < MAX_MESSAGE, "a message that nobody can read"
    assert problem.where.line >= 0
    assert problem.where.column >= 0


def show(text: str) -> None:
    """A network that can be built has a report in every format."""
    try:
        report = convcalc.analyse(convcalc.loads(text, name=NAME))
    except (SpecError, UsageError):
        return  # the file itself has no network: its variants do
    "".join(text_chunks([report_sheet(View(report, columns(list(COLUMNS))))])).encode()
    json.loads("".join(json_chunks([report], as_list=False)))


@contextmanager
def bounded(seconds: float = SECONDS) -> Iterator[None]:
    """Within this, TooLong is raised after so much processor time, or after ten times as much by the clock.

    The kernel ends the process where that is of no avail: in a loop of a library written in C.
    """

    def stop(number: int, frame: object) -> NoReturn:
        raise TooLong(f"over {seconds} s")

    timers: dict[int, tuple[signal.Signals, float, Any]] = {
        signal.ITIMER_PROF: (signal.SIGPROF, seconds, stop),
        signal.ITIMER_REAL: (signal.SIGALRM, 10 * seconds, stop),
        signal.ITIMER_VIRTUAL: (signal.SIGVTALRM, 4 * seconds, signal.SIG_DFL),
    }
    before: dict[int, Any] = {}
    for timer, (number, after, handler) in timers.items():
        before[number] = signal.signal(number, handler)
        signal.setitimer(timer, after)
    try:
        yield
    finally:
        for timer, (number, _, _) in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def confine(folder: Path) -> None:
    """Bound the memory of this process, and let it stand in a directory with files of every kind to be included."""
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))
    bounds.MAX_LAYERS = 3000  # a mutation may well ask for 250,000 layers: tests/test_hostile.py does
    furnish(folder)
    os.chdir(folder)


def furnish(folder: Path) -> None:
    """The files that mutations include."""
    (folder / "lib.yaml").write_text("params: {w: 4}\nblocks: {unit: {params: {n: =w}, layers: [relu]}}\n")
    (folder / "loop.yaml").write_text("include: [./loop.yaml, spec.yaml]\nblocks: {a: {layers: [a]}}\n")
    (folder / "é.yaml").write_bytes(b"blocks: {\xff: 1}\n")
    (folder / "folder.yaml").mkdir()
    (folder / "dangling.yaml").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "fifo.yaml")
