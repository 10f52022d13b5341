"""The plot of a sweep: which figures it shows, and its points and front against those of the rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convcalc
from convcalc.errors import UsageError
from convcalc.report.sums import Partial
from convcalc.sweeping.axes import parse_axes
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plotting import points as module
from convcalc.sweeping.plotting.axes import PlotAxes, plot_axes
from convcalc.sweeping.plotting.points import Points
from convcalc.sweeping.selection import Objective, parse_selection
from tests.drawing.pictures import SPACE, parsed, texts
from tests.sweeping.plans import plan

KEYS = ("variant=a,b", "width=1..8", "kernel=1..12")
# --plot-axes, --sort and --pareto; the figures that are shown, and those of the front.
AXES: list[tuple[str | None, str | None, str | None, str, str]] = [
    (None, None, None, "params,macs", "params,macs"),
    (None, "field", None, "width,receptive_field", "width,receptive_field"),
    (None, "-width", None, "kernel,-width", "kernel,-width"),
    (None, "macs", "params,-field", "params,-receptive_field", "params,-receptive_field"),
    (None, None, "macs,params,-field,width", "macs,params,-receptive_field", "macs,params,-receptive_field,width"),
    ("params,field", None, None, "params,receptive_field", "params,receptive_field"),
    ("kernel,-macs,params", None, None, "kernel,-macs,params", "kernel,-macs,params"),
    ("width,macs / params", None, "params,-field", "width,macs / params", "params,-receptive_field"),
]


def joined(objectives: tuple[Objective, ...]) -> str:
    return ",".join(map(str, objectives))


@pytest.mark.parametrize(("text", "sort", "pareto", "shown", "front"), AXES)
def test_the_figures_of_a_plot(text: str | None, sort: str | None, pareto: str | None, shown: str, front: str) -> None:
    axes = parse_axes(KEYS)
    selection = parse_selection(sort, None, pareto, [key for axis in axes for key in axis.keys])
    found = plot_axes(text, selection, axes)
    assert (joined(found.shown), joined(found.front)) == (shown, front)


@given(
    st.lists(st.tuples(st.integers(0, 50) | st.floats(0.001, 50), st.integers(0, 10**6)), max_size=200),
    st.integers(1, 60),
    st.booleans(),
)
def test_points_are_thinned_and_the_front_is_not(rows: list[tuple[Any, int]], kept: int, largest: bool) -> None:
    axes = (Objective("params", False), Objective("macs", largest))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "KEPT", kept)
        patch.setattr(module, "CELLS", (4, 4))
        points = Points(PlotAxes(axes, axes), Evaluator(plan()))
        list(points.noted(enumerate(rows)))
        # At most a cell of a linear and of a logarithmic axis each, twice.
        assert len(points.dots) <= max(kept, 2 * (2 * 5) ** 2)
    assert set(points.dots) <= set(rows)
    assert bool(points.dots) == bool(rows)
    assert points.count == len(rows)
    if len(set(rows)) <= kept:
        assert set(points.dots) == set(rows)
    if rows:
        assert (points.x.low, points.x.high) == (min(x for x, _ in rows), max(x for x, _ in rows))
    sign = -1 if largest else 1

    def beats(one: tuple[Any, int], other: tuple[Any, int]) -> bool:
        pairs = (one[0], sign * one[1]), (other[0], sign * other[1])
        return all(a <= b for a, b in zip(*pairs)) and pairs[0] != pairs[1]

    expected = [row for row in rows if not any(beats(other, row) for other in rows)]
    assert [figures for _, figures in points.front()] == expected


def test_a_row_without_a_figure_is_not_drawn() -> None:
    axes = (Objective("params", False), Objective("macs", False))
    points = Points(PlotAxes(axes, axes), Evaluator(plan()))
    figures = [(1, 2), (None, 2), (Partial(3), 2), (4, True), (5, float("inf")), (6, {"a": [7, 9]})]
    list(points.noted(enumerate(figures)))
    assert set(points.dots) == {(1, 2), (6, 7)}
    assert (points.count, points.without) == (2, 4)


AXES_OF_LENET = {"conv1.kernel_size": range(1, 14, 2), "conv2.kernel_size": range(1, 8, 2)}


def hints(picture: str) -> list[str]:
    """What each mark says."""
    circles = parsed(picture).iter(f"{SPACE}circle")
    return [title.text or "" for circle in circles for title in circle.iter(f"{SPACE}title")]


def test_the_front_that_is_drawn_is_that_of_the_rows() -> None:
    sweep = convcalc.sweep("lenet", AXES_OF_LENET, pareto="params,macs")
    picture = sweep.plot()
    marks = hints(picture._repr_svg_())
    expected = [
        f"conv1.kernel_size={row['conv1.kernel_size']}, conv2.kernel_size={row['conv2.kernel_size']}:"
        f" params {row.params:,}, macs {row.macs:,}"
        for row in sweep.rows
    ]
    assert marks == sorted(expected, key=lambda text: int(re.findall(r"params ([\d,]+)", text)[0].replace(",", "")))
    shown = texts(picture.svg)
    assert shown[:2] == ["lenet: macs against params", "28 of 28 networks pass, 7 on the front"]
    assert "labels: conv1.kernel_size, conv2.kernel_size" in shown
    assert {"11, 7", "3, 1"} <= set(shown)


@pytest.mark.parametrize("first", ["plot", "rows", "iteration"])
@pytest.mark.parametrize("options", [{}, {"sort": "-macs", "top": 2}, {"pareto": "params,macs"}, {"sample": 20}])
def test_the_picture_is_the_same_whatever_was_read_before(first: str, options: dict[str, Any]) -> None:
    plain = convcalc.sweep("lenet", AXES_OF_LENET, **{**options, "sort": None, "top": None, "pareto": None})
    sweep = convcalc.sweep("lenet", AXES_OF_LENET, **options)
    if first == "rows":
        assert sweep.rows
    if first == "iteration":
        assert next(iter(sweep)).index >= 0
    assert sweep.plot("params,macs").svg == plain.plot(["params", "macs"]).svg
    if "pareto" not in options:  # whose front it would be
        assert sweep.plot("params,conv1.kernel_size").svg == plain.plot("params,conv1.kernel_size").svg
    assert len(sweep.rows) == len(convcalc.sweep("lenet", AXES_OF_LENET, **options).rows)


def test_a_third_figure_is_a_colour() -> None:
    picture = convcalc.sweep("lenet", AXES_OF_LENET, pareto="params,macs,-conv1.kernel_size").plot().svg
    kinds = {circle.attrib["class"] for circle in parsed(picture).iter(f"{SPACE}circle")}
    assert {"level0 mark", "level6 mark"} <= kinds
    assert "front mark" not in kinds
    assert "conv1.kernel_size" in texts(picture)


def test_a_figure_that_the_rows_lack() -> None:
    sweep = convcalc.sweep("lenet", AXES_OF_LENET, columns=["params"])
    with pytest.raises(UsageError, match="the rows have no `macs` to plot"):
        sweep.plot()
    assert sweep.plot("params,conv1.kernel_size").svg
