"""The report as JSON, written row by row so that a large network is never held as text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from convcalc.report.model import Report


def json_chunks(reports: list[Report], *, as_list: bool) -> Iterator[str]:
    """The text in pieces: one object for one target, a list for several."""
    if as_list:
        yield "["
    for index, report in enumerate(reports):
        yield ",\n" if index else ""
        yield from _one(report)
    yield "]\n" if as_list else "\n"


def _one(report: Report) -> Iterator[str]:
    head = json.dumps(report.head(), ensure_ascii=False, indent=2)
    yield head[: head.rindex("\n}")] + ',\n  "layers": ['
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for index, row in enumerate(report.rows):
        yield (",\n    " if index else "\n    ") + encode(row.to_dict())
    yield "\n  ]\n}"
