"""A sweep over all combinations of several keys, of the present text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc.editor.reading import Reading
from convcalc.editor.sweeping import PARAMS
from convcalc.errors import UsageError
from convcalc.language.overrides import Overrides
from convcalc.sweeping import runner
from convcalc.sweeping.api import setting_texts, shape_text
from convcalc.sweeping.axes import VARIANT, keys_of
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.planning import make_plan
from convcalc.sweeping.selection import parse_selection
from convcalc.sweeping.sweep import Sweep
from convcalc.targets.target import Target
from convcalc.text.source import as_plain

MAX_NETWORKS = 100_000  # half a minute or a few minutes; there is no progress and no store here


def sweep_axes(
    reading: Reading,
    axes: Sequence[str],
    *,
    where: Sequence[str] = (),
    sort: str | None = None,
    top: int | None = None,
    pareto: str | None = None,
    sample: int | None = None,
    keep_size: bool = False,
) -> Sweep:
    """The sweep of axes such as `conv1.kernel_size=3,5`; `params.width` is the same as `width`.

    An axis `variant` replaces the variant in view. Raises UsageError and SpecError.
    """
    given, view = [_without_params(axis) for axis in axes], reading.view
    keys = keys_of(given)
    selection = parse_selection(sort, top, pareto, keys)
    varies_variant = VARIANT in keys and VARIANT not in reading.params()
    variant = None if varies_variant else reading.variant
    plan = make_plan(
        Target(reading.origin.label, reading.source, variant, None), given, selection=selection,
        settings=_settings(view), input=_input(view),
        sharing=view.sharing, keep_size=keep_size, where=where,
        sample=sample,
    )  # fmt: skip
    evaluator = Evaluator(plan)
    evaluator.check()
    if evaluator.size > MAX_NETWORKS:
        help = "add --sample 10000, or give fewer values; `convcalc sweep` builds more, with progress and a database"
        raise UsageError(f"{evaluator.size:,} networks are more than {MAX_NETWORKS:,}", help)
    return Sweep(evaluator, selection, lambda: runner.run(plan, evaluator=evaluator))


def _without_params(axis: str) -> str:
    """
    >>> _without_params("params.width, conv1.stride=1/2")
    'width,conv1.stride=1/2'
    """
    keys, equals, values = axis.partition("=")
    names = ",".join(key.strip().removeprefix(f"{PARAMS}.") for key in keys.split(","))
    return f"{names}{equals}{values}"


def _settings(view: Overrides) -> list[str]:
    return [*setting_texts(view.params), *map(str, view.layers)]


def _input(view: Overrides) -> str | None:
    """The input of a view as `--input` takes it. Raises UsageError for one that is computed."""
    shape: Any = None if view.input is None else as_plain(view.input)
    return shape_text(shape)
