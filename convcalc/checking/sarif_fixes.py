"""The fixes of findings for SARIF: replacements of pieces of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from convcalc.checking.fixing import edits_of
from convcalc.errors import SpecError
from convcalc.problems import Problem
from convcalc.text.document import Document
from convcalc.text.edits import Together
from convcalc.text.files import read_file
from convcalc.text.layout import Splice
from convcalc.text.values import EditError

# The characters of a file times its fixes. At this limit convcalc needs about a second to find the entries.
MAX_WORK = 40_000_000

Replacements = list[dict[str, Any]]


def replacements(problems: Iterable[Problem]) -> dict[int, Replacements]:
    """The replacements of each problem with a fix, by the id of the problem.

    There are none for a file that no longer exists, that has very many fixes, or whose fixes cannot be made together:
    `--fix` makes them or gives the reason.
    """
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.fix is not None:
            by_file.setdefault(problem.where.file, []).append(problem)
    found: dict[int, Replacements] = {}
    for file, wanted in by_file.items():
        try:
            document = Document(read_file(file).text)
            if len(document.text) * len(wanted) <= MAX_WORK:
                found.update(_of_file(document, wanted))
        except (SpecError, EditError):
            continue
    return found


def _of_file(document: Document, problems: Sequence[Problem]) -> dict[int, Replacements]:
    """The replacements in one file. Raises EditError where they would not give the intended values."""
    edits = {id(problem): edits_of(document, [problem.fix] if problem.fix else []) for problem in problems}
    # One edit with all of them checks them in the time of one.
    Together(tuple(edits_of(document, [problem.fix for problem in problems if problem.fix]))).apply(document)
    return {
        key: [
            _replacement(document, splice)
            for edit in each
            for change in edit.changes(document)
            for splice in change.splices
        ]
        for key, each in edits.items()
    }


def _replacement(document: Document, splice: Splice) -> dict[str, Any]:
    layout = document.layout
    region = {
        "startLine": layout.line(splice.start) + 1,
        "startColumn": layout.column(splice.start) + 1,
        "endLine": layout.line(splice.end) + 1,
        "endColumn": layout.column(splice.end) + 1,
    }
    return {"deletedRegion": region, **({"insertedContent": {"text": splice.text}} if splice.text else {})}
