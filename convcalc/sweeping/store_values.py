"""The values of a store: figures as SQLite has them, and the counts of a range as JSON. Nothing is lost on the way.

Whole numbers up to 64 bits, other numbers and unknown figures are plain values, for queries of users. Everything else
is a text of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from convcalc.sweeping.batch import Batch, Miss, Row, figure_of_plain, plain_figure
from convcalc.sweeping.ranges import Range

_LARGEST = 2**63 - 1
_to_json = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` makes an encoder for each call


def encoded(row: Row) -> list[Any]:
    """A row as values of SQLite: the index of its candidate, then its figures."""
    index, figures = row
    return [_encoded(value) for value in (index, *figures)]


def row_of(values: Sequence[Any]) -> Row:
    """The row of such values."""
    index, *figures = [_decoded(value) if type(value) is str else value for value in values]
    return index, tuple(figures)


def counts_of(batch: Batch) -> str:
    """The counts of a batch, as JSON."""
    misses = {name: [miss.gap, miss.candidate, plain_figure(miss.value)] for name, miss in batch.misses.items()}
    return _to_json({"broken": batch.broken, "rejected": batch.rejected, "misses": misses})


def batch_of(range: Range, counts: str) -> Batch:
    """A batch without rows from its counts."""
    value = json.loads(counts)
    misses = {name: Miss(gap, index, figure_of_plain(figure)) for name, (gap, index, figure) in value["misses"].items()}
    return Batch(range.start, range.stop, [], value["broken"], value["rejected"], misses)


def _encoded(value: Any) -> Any:
    kind = type(value)
    if value is None or (kind is int and -_LARGEST <= value <= _LARGEST) or (kind is float and isfinite(value)):
        return value
    return _to_json(plain_figure(value))


def _decoded(text: str) -> Any:
    return _shape_of(text) if text.startswith("[") else figure_of_plain(json.loads(text))


# The networks of a sweep have few different shapes, and tuples can be shared; a mapping belongs to its row.
@lru_cache(maxsize=256)
def _shape_of(text: str) -> Any:
    return figure_of_plain(json.loads(text))
