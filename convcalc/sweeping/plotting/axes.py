"""Which figures a plot of a sweep shows, and whose front it marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convcalc.errors import UsageError
from convcalc.report.figure import COUNT, EXTENT
from convcalc.report.figures import BY_NAME
from convcalc.sweeping.axes import Axis
from convcalc.sweeping.formulas import parse_formula
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.quantities import OF_NETWORK, VARIED, Quantity
from convcalc.sweeping.selection import Objective, Selection, parse_objectives

USUAL = (Objective("params", False), Objective("macs", False))
_HELP = "as in --plot-axes params,-receptive_field; the smallest is best, with a minus the largest"


class PlotAxes(NamedTuple):
    """The figures of x, y and, if there is a third one, the colour; and the objectives of the front."""

    shown: tuple[Objective, ...]
    front: tuple[Objective, ...]

    @property
    def columns(self) -> list[str]:
        """The columns that it reads, each once."""
        return list(dict.fromkeys(objective.column for objective in (*self.shown, *self.front)))

    @property
    def is_of_front(self) -> bool:
        """Whether x and y are all objectives of the front, so that its border can be drawn."""
        return len(self.shown) == 2 and set(self.shown) == set(self.front)


def plot_axes(text: str | None, selection: Selection, axes: Sequence[Axis]) -> PlotAxes:
    """The figures of `--plot-axes`; else those of `--pareto`; else that of `--sort` over a varied key; else the usual.

    Raises UsageError for a figure that is no number.
    """
    keys = [key for axis in axes for key in axis.keys]
    shown = parse_objectives(text, keys)
    if text is not None and len(shown) not in (2, 3):
        raise UsageError("a plot shows two or three figures", _HELP)
    shown = shown or selection.pareto[:3] or _of_sort(selection, axes) or USUAL
    for objective in shown:
        kind = _not_a_number(objective.column, keys, axes)
        if kind:
            raise UsageError(f"a plot cannot show `{objective.column}`: it is {kind}, not a number", _HELP)
    return PlotAxes(shown, selection.pareto or shown)


def check_plotted(axes: PlotAxes, plan: Plan, keys: Sequence[str]) -> None:
    """Raise UsageError where the rows of a plan lack a figure of a plot."""
    for name in axes.columns:
        if name not in plan.columns and name not in keys:
            raise UsageError(f"the rows have no `{name}` to plot", f"their figures are {', '.join(plan.columns)}")


def _of_sort(selection: Selection, axes: Sequence[Axis]) -> tuple[Objective, ...]:
    """The first varied key that is a number and the figure by which rows are sorted."""
    if not selection.sort:
        return ()
    figure = selection.sort[0]
    keys = (key for axis in axes for key in axis.keys if key != figure.column and _is_numeric(key, axes))
    other = next((Objective(key, False) for key in keys), None)
    return (other or next(each for each in USUAL if each.column != figure.column), figure)


def _is_numeric(key: str, axes: Sequence[Axis]) -> bool:
    """Whether the first value of a key is a number: an axis may have a million values."""
    axis = next(axis for axis in axes if key in axis.keys)
    return axis.size > 0 and type(axis.at(0)[axis.keys.index(key)]) in (int, float)


def _not_a_number(column: str, keys: Sequence[str], axes: Sequence[Axis]) -> str:
    """What a column is instead of a number; empty where it is one, or an expression."""
    quantity: Quantity | None = parse_formula(column, keys).single
    if quantity is None:
        return ""
    if quantity.kind == VARIED:
        return "" if _is_numeric(quantity.name, axes) else "a key with other values"
    figure = (OF_NETWORK if quantity.is_total else BY_NAME).get(quantity.name)
    return "" if figure is None or figure.kind in (COUNT, EXTENT) else "a shape" if "shape" in figure.name else "a text"
