"""The picture of a sweep: two or three figures against each other, with the front marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from convcalc.arith.units import count_of, group_digits
from convcalc.arith.wording import listed
from convcalc.drawing.scatter.figure import Axis, Mark, Plot
from convcalc.drawing.scatter.scale import scale_of
from convcalc.report.figure import EXTENT
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.plotting.points import Extent, Points, drawable
from convcalc.sweeping.quantities import OF_NETWORK
from convcalc.sweeping.selection import Objective
from convcalc.sweeping.summary import Summary
from convcalc.text.files import target_label
from convcalc.text.writing import flow_text

LABEL_WIDEST = 24  # characters of a label


def plot_of(points: Points, plan: Plan, summary: Summary, values: Mapping[int, Mapping[str, Any]]) -> Plot:
    """The plot of these points; `values` has the varied values of each row on the front, by its index."""
    shown = points.axes.shown
    marks = list(_marks(points, values))
    level = None
    if len(shown) == 3:
        extent = Extent()
        for mark in marks:
            extent.add(mark.level or 0)
        level = _axis(shown[2], extent)._replace(title=words_of(shown[2].column))  # it has little room
    return Plot(
        title=f"{_network(plan)}: {_against(shown)}",
        subtitle=_counts(points, summary),
        x=_axis(shown[0], points.x),
        y=_axis(shown[1], points.y),
        dots=sorted(points.dots),  # the same picture in whatever order rows come
        marks=marks,
        legend=f"on the front of {listed([_with_best(each) for each in points.axes.front])}",
        level=level,
        stepped=points.axes.is_of_front,
        count=points.count,
        label=", ".join(next(iter(values.values()), ())),
        notes=list(_notes(points)),
    )


def _axis(objective: Objective, extent: Extent) -> Axis:
    title = words_of(objective.column)
    figure = OF_NETWORK.get(objective.column)
    if figure is not None and figure.kind == EXTENT:
        title += " (pixels, smallest axis)"
    elif figure is not None and figure.is_bytes and "bytes" not in title:
        title += " (bytes)"
    if extent.low > extent.high:
        return Axis(title, scale_of(0, 1))
    return Axis(title, scale_of(extent.low, extent.high, is_whole=extent.is_whole))


def words_of(column: str) -> str:
    """The name of a figure with spaces; any other column as it is.

    >>> words_of("receptive_field"), words_of("conv1.kernel_size"), words_of("macs / params")
    ('receptive field', 'conv1.kernel_size', 'macs / params')
    """
    return column.replace("_", " ") if column in OF_NETWORK else column


def _marks(points: Points, values: Mapping[int, Mapping[str, Any]]) -> Iterator[Mark]:
    """The rows on the front, from the best along x to the best along y."""
    axes = points.axes
    found: list[tuple[Any, Mark]] = []
    for index, figures in points.front():
        place = points.place(figures)
        level = drawable(figures[2]) if len(axes.shown) == 3 else None
        if place is None or (level is None and len(axes.shown) == 3):
            continue
        told = [f"{words_of(name)} {_text(figure)}" for name, figure in zip(axes.columns, figures)]
        hint = f"{', '.join(f'{key}={flow_text(value)}' for key, value in values[index].items())}: {', '.join(told)}"
        signs = [-1 if each.descending else 1 for each in axes.shown]
        order = (signs[0] * place[0], -signs[1] * place[1], index)
        found.append((order, Mark(*place, _label(values[index]), hint, level)))
    return (mark for _, mark in sorted(found, key=lambda pair: pair[0]))


def _label(values: Mapping[str, Any]) -> str:
    text = ", ".join(value if isinstance(value, str) else flow_text(value) for value in values.values())
    return text if len(text) <= LABEL_WIDEST else f"{text[: LABEL_WIDEST - 1]}…"


def _text(figure: Any) -> str:
    number = drawable(figure)
    return "not known" if number is None else group_digits(number) if isinstance(number, int) else f"{number:,.6g}"


def _network(plan: Plan) -> str:
    # A picture is shown to others, who do not have the folders of this machine.
    name = target_label(plan.label).replace("\\", "/").rpartition("/")[2]
    named = plan.variant is None or plan.label == plan.variant or "@" in plan.label
    variant = "" if named else f"@{plan.variant}"
    return f"{name}{variant}"


def _against(shown: Sequence[Objective]) -> str:
    x, y, *others = [words_of(each.column) for each in shown]
    return f"{y} against {x}" + "".join(f", {other} as colour" for other in others)


def _with_best(objective: Objective) -> str:
    return f"{words_of(objective.column)} ({'largest' if objective.descending else 'smallest'} best)"


def _counts(points: Points, summary: Summary) -> str:
    text = f"{group_digits(summary.passed)} of {group_digits(summary.candidates)} networks pass"
    text += f", {group_digits(len(points.front()))} on the front"
    if summary.missing:
        text += f"; {group_digits(summary.missing)} more are not done"
    elif summary.candidates < summary.space:
        text += f"; a part of {group_digits(summary.space)} candidates"
    return text


def _notes(points: Points) -> Iterator[str]:
    if points.without:
        yield f"{count_of(points.without, 'network')} not drawn: a figure is not known, or too large"
