"""The values of a store: figures as SQLite has them, and the counts of a range as JSON. Nothing is lost on the way.

Whole numbers up to 64 bits, other numbers and unknown figures are plain values, for queries of users. Everything else
is a text of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any

from convcalc.sweeping.batch import Batch, Miss, Row, figure_of_plain, plain_figure
from convcalc.sweeping.ranges import Range

_LARGEST = 2**63 - 1


def encoded(row: Row) -> list[Any]:
    """A row as values of SQLite: the index of its candidate, then its figures."""
    index, figures = row
    return [_encoded(index), *map(_encoded, figures)]


def row_of(values: Sequence[Any]) -> Row:
    """The row of such values."""
    index, *figures = map(_decoded, values)
    return index, tuple(figures)


def counts_of(batch: Batch) -> str:
    """The counts of a batch, as JSON."""
    misses = {name: [miss.gap, miss.candidate, plain_figure(miss.value)] for name, miss in batch.misses.items()}
    return json.dumps({"broken": batch.broken, "rejected": batch.rejected, "misses": misses}, ensure_ascii=False)


def batch_of(range: Range, counts: str) -> Batch:
    """A batch without rows from its counts."""
    value = json.loads(counts)
    misses = {name: Miss(gap, index, figure_of_plain(figure)) for name, (gap, index, figure) in value["misses"].items()}
    return Batch(range.start, range.stop, [], value["broken"], value["rejected"], misses)


def _encoded(value: Any) -> Any:
    kind = type(value)
    if value is None or (kind is int and -_LARGEST <= value <= _LARGEST) or (kind is float and isfinite(value)):
        return value
    return json.dumps(plain_figure(value), ensure_ascii=False)


def _decoded(value: Any) -> Any:
    return figure_of_plain(json.loads(value)) if type(value) is str else value
