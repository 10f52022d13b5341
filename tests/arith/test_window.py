"""Windows against a list of what each output reads."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.arith import window
from convcalc.arith.window import Window

SIZES = st.integers(1, 24)
UNITS = range(20)


def listed(window: Window, unit: int) -> list[int]:
    """The taps of a unit, written out."""
    taps = window.at(unit)
    return [] if taps is None else list(range(taps[0], taps[1] + 1, taps[2]))


def inside(window: Window, unit: int, size: int) -> list[int]:
    taps = window.inside(unit, size)
    return [] if taps is None else list(range(taps[0], taps[1] + 1, taps[2]))


@given(st.integers(1, 7), st.integers(1, 5), st.integers(1, 4), st.integers(0, 6), SIZES)
def test_sliding(kernel: int, stride: int, dilation: int, before: int, size: int) -> None:
    made = window.sliding(kernel, stride, dilation, before)
    for unit in UNITS:
        taps = [unit * stride - before + dilation * tap for tap in range(kernel)]
        assert listed(made, unit) == taps
        assert inside(made, unit, size) == [tap for tap in taps if 0 <= tap < size]


@given(st.integers(1, 7), st.integers(1, 6), st.integers(1, 6), st.integers(0, 5))
def test_transposed(kernel: int, stride: int, dilation: int, before: int) -> None:
    made = window.transposed(kernel, stride, dilation, before)
    for unit in UNITS:
        reached = [
            (unit + before - dilation * tap) // stride
            for tap in range(kernel)
            if (unit + before - dilation * tap) % stride == 0
        ]
        assert listed(made, unit) == sorted(reached)


@given(SIZES, SIZES)
def test_adaptive(size: int, output: int) -> None:
    made = window.adaptive(size, output)
    for unit in range(output):
        first, last = floor(Fraction(unit * size, output)), ceil(Fraction((unit + 1) * size, output))
        assert listed(made, unit) == list(range(first, last))


@given(SIZES, SIZES)
def test_linear_interpolation(size: int, output: int) -> None:
    scale = Fraction(size, output)
    origin = (scale - 1) / 2
    made = window.interpolation(scale, origin, 0, 1)
    for unit in range(output):
        place = origin + unit * scale
        near = [position for position in range(-2, size + 2) if abs(position - place) < 1]
        assert listed(made, unit) == near
        assert inside(made, unit, size) == sorted({min(max(position, 0), size - 1) for position in near})


@given(st.integers(1, 9), st.integers(1, 9))
def test_repeated_and_offset(factor: int, start: int) -> None:
    assert [listed(window.repeated(factor), unit) for unit in range(3 * factor)] == [
        [u // factor] for u in range(3 * factor)
    ]
    assert [listed(window.offset(-start, 2), unit) for unit in UNITS] == [[2 * u - start] for u in UNITS]


BORDERS: dict[str, Callable[[int, int], int]] = {
    window.CLAMP: lambda position, size: min(max(position, 0), size - 1),
    window.CIRCULAR: lambda position, size: position % size,
    window.REFLECT: lambda position, size: abs(position) if position < size else 2 * (size - 1) - position,
}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("start", [-3, -1, 0, 2])
def test_borders(border: str, start: int) -> None:
    size = 5
    made = window.offset(start, 1, border)
    for unit in range(size + 3 - max(start, 0)):
        position = unit + start
        if -size < position < 2 * size - 1:
            assert inside(made, unit, size) == [BORDERS[border](position, size)]


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 5), st.integers(1, 4))
def test_same_padding_makes_the_output_the_input_by_the_stride(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    before, after = window.same_padding(size, kernel, stride, dilation)
    assert after - before in (0, 1)
    values = {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation, "before": before, "after": after}
    reach = dilation * (kernel - 1) + 1
    if before or after:  # no more than it takes
        assert size + before + after == (ceil(size / stride) - 1) * stride + reach
    assert window.OUTPUT_SIZE(values) == ceil(size / stride) == window.SAME_SIZE(values)


@given(
    st.integers(1, 40), st.integers(1, 6), st.integers(1, 5), st.integers(1, 3), st.integers(0, 3), st.integers(0, 3)
)
def test_output_sizes_count_the_windows(
    size: int, kernel: int, stride: int, dilation: int, before: int, after: int
) -> None:
    values = {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation, "before": before, "after": after}
    last = size + after - dilation * (kernel - 1) - 1
    starts = [start for start in range(-before, size + after, stride) if start <= last]
    if starts:
        assert window.OUTPUT_SIZE(values) == len(starts)
        loose = [start for start in range(-before, size, stride) if start < last + stride]
        assert window.OUTPUT_SIZE_CEIL(values) == len(loose)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2))
def test_a_transposed_convolution_undoes_the_size(size: int, kernel: int, stride: int, dilation: int, pad: int) -> None:
    """Dumoulin and Visin, relationship 14: the same kernel, stride and padding lead back."""
    values = {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation, "before": pad, "after": pad}
    longer = window.TRANSPOSED_SIZE({**values, "output_padding": 0})
    if longer > 0:
        assert window.OUTPUT_SIZE({**values, "size": longer}) == size


LONG = 10**12
HUGE: list[Callable[[], Window]] = [
    lambda: window.adaptive(LONG, LONG - 11),
    lambda: window.transposed(3, LONG, 1, 0),
    lambda: window.repeated(LONG),
    lambda: window.interpolation(Fraction(LONG, LONG - 11), Fraction(0), 0, 1),
]


@pytest.mark.parametrize("make", HUGE, ids=["adaptive", "transposed", "repeated", "interpolation"])
def test_windows_of_a_huge_period_are_not_written_down(make: Callable[[], Window]) -> None:
    assert make() is window.IRREGULAR


def test_a_huge_kernel_is_no_long_list() -> None:
    assert window.transposed(LONG, 3, 1, 0).at(0) == (-(LONG // 3), 0, 1)
