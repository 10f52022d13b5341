"""The public function: convcalc.solve."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from convcalc.language.overrides import InputShape, Overrides
from convcalc.solving.network import NetworkQuestion, solve_network
from convcalc.solving.solution import Solution
from convcalc.sweeping.api import setting_texts, shape_text
from convcalc.sweeping.axes import Vary, axis_texts
from convcalc.targets.find import find


def solve(
    target: str | os.PathLike[str],
    unknowns: str | Vary = (),
    *,
    want: str | Sequence[str],
    largest: str | None = None,
    smallest: str | None = None,
    all: bool = False,
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    python: str | None = None,
) -> Solution:
    """The values of the unknowns with which a network is as wanted; those of least change come first.

    `unknowns` are keys as in a sweep: a param, LAYER.KEY, "input.height" or "variant", as "width" or "width=16..64", or
    a mapping of keys to values. `want` are conditions such as "params <= 20M". `largest` or `smallest` names the
    unknown whose largest or smallest value is wanted. Without `all` at most 10 answers are looked for. The other
    arguments are those of `convcalc.load`.

    Raises UsageError and SpecError.
    """
    text = shape_text(input)
    found = find(os.fspath(target), text, python)
    changes = Overrides.of(params, None if found.foreign is not None else text, sharing, keep_size)
    keys = axis_texts(unknowns) if isinstance(unknowns, Mapping) else unknowns
    question = NetworkQuestion(
        found,
        [keys] if isinstance(keys, str) else list(keys),
        [want] if isinstance(want, str) else list(want),
        changes,
        setting_texts(params or {}),
        text,
        everything=all,
    )
    return solve_network(question.with_best(largest, smallest))
