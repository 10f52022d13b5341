"""Runs of boxes say what the boxes say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convcalc.page.boxes import MOST_UNITS, runs
from tests.helpers import analysed, network
from tests.page.reading import page_of, unrolled

BOX = st.none() | st.tuples(st.integers(-4, 4), st.integers(-4, 4))


@given(st.lists(BOX, max_size=30))
def test_runs_are_the_boxes(boxes: list[tuple[int, int] | None]) -> None:
    found = runs(boxes)
    assert list(unrolled(found)) == boxes
    assert sum(run[0] for run in found) == len(boxes)


@given(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9), st.integers(2, 50))
def test_equal_steps_are_one_run(low: int, size: int, step: int, count: int) -> None:
    boxes = [(low + step * place, low + size + step * place) for place in range(count)]
    assert runs(boxes) == [[count, low, low + size, step, step]]


def test_a_long_axis_is_listed_in_steps() -> None:
    report = analysed(network("- conv1d: {out_channels: 2, kernel_size: 3}", input="[1, 100002]"))
    data = page_of(report).data
    (axis,) = data.raw["axes"]
    units, extent, step, clipped, _ = axis
    assert (units, extent) == (100_000, 100_002)
    assert len(list(unrolled(clipped))) == -(-units // step) <= MOST_UNITS
    assert list(unrolled(clipped))[-1] == report.analysis.fields["input"][0].axes[0].clipped(  # type: ignore[union-attr]
        (units - 1) // step * step
    )
