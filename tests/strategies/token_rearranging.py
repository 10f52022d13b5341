"""Steps of random token graphs that turn around, choose, reduce, accumulate, mix and replace positions."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.oracles import token_probe as probe
from tests.strategies.token_graphs import CHANNELS, Sketch, Step, Tensor, permuted, pointwise


def _axis(draw: st.DrawFn, read: Tensor) -> tuple[int, int]:
    """An axis of positions and its length."""
    axis = draw(st.sampled_from(read.positions))
    return axis, read.lengths[axis]


def _in_order(sketch: Sketch, kind: str, read: Tensor, axis: int, places: list[int], /, **parameters: object) -> Tensor:
    marks = probe.reading(read.marks, axis, [[place] for place in places])
    return sketch.add(kind, [read.name], read.channels, marks, **parameters)


def rolled(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis, length = _axis(draw, read)
    shift = draw(st.integers(-length, length))
    places = [(place - shift) % length for place in range(length)]
    return _in_order(sketch, "roll", read, axis, places, shifts=shift, axes=axis)


def flipped(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis, length = _axis(draw, read)
    return _in_order(sketch, "flip", read, axis, list(range(length))[::-1], axes=axis)


def chosen(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis, length = _axis(draw, read)
    places = draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=length))
    return _in_order(sketch, "index_select", read, axis, places, axis=axis, indices=places)


def repeated(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis, length = _axis(draw, read)
    if length > 8:
        return flipped(draw, sketch, read)
    places = [place // 2 for place in range(2 * length)]
    return _in_order(sketch, "repeat_interleave", read, axis, places, repeats=2, axis=axis)


def selected(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """One position of an axis, which goes where others remain."""
    if len(read.positions) < 2:
        return pointwise(draw, sketch, read)
    axis, length = _axis(draw, read)
    place = draw(st.integers(-length, length - 1))
    marks = probe.without(probe.reading(read.marks, axis, [[place % length]]), axis)
    return sketch.add("select", [read.name], read.channels - (axis < read.channels), marks, axis=axis, index=place)


def reduced(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """An axis of positions as one; it goes where others remain."""
    axis, _ = _axis(draw, read)
    kind = draw(st.sampled_from(("mean", "max", "sum", "norm")))
    marks = probe.any_of(read.marks, axis)
    if len(read.positions) > 1 and draw(st.booleans()):
        channels = read.channels - (axis < read.channels)
        return sketch.add(kind, [read.name], channels, probe.without(marks, axis), axis=axis)
    return sketch.add(kind, [read.name], read.channels, marks, axis=axis, keepdim=True)


def accumulated(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis, length = _axis(draw, read)
    marks = probe.reading(read.marks, axis, [list(range(place + 1)) for place in range(length)])
    return sketch.add("cumsum", [read.name], read.channels, marks, axis=axis)


def transposed(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    if len(read.shape) < 2:
        return permuted(draw, sketch, read)
    one, other = draw(st.permutations(range(len(read.shape))))[:2]
    order = list(range(len(read.shape)))
    order[one], order[other] = other, one
    return sketch.add(
        "transpose", [read.name], order.index(read.channels), probe.permuted(read.marks, order), axes=[one, other]
    )


def channels_mixed(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """All channels mixed by a learned matrix; each position reads itself."""
    weights = sketch.parameter([CHANNELS, CHANNELS])
    letters = "abefg"[: len(read.shape) - 1]
    before, after = letters[: read.channels], letters[read.channels :]
    equation = f"{before}c{after},cd->{before}d{after}"
    return sketch.add("einsum", [read.name, weights], read.channels, read.marks, equation=equation)


def cut(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Negative padding of one axis. A cell of padding would be blind, which the boxes of the other axis do not say."""
    axis, length = _axis(draw, read)
    before = draw(st.integers(0, length - 1))
    after = draw(st.integers(0, length - 1 - before))
    places = list(range(before, length - after))
    return _in_order(sketch, "pad", read, axis, places, padding=[[-before, -after]], axes=axis)


REARRANGING: tuple[Step, ...] = (
    rolled, flipped, chosen, repeated, selected, reduced, accumulated, transposed, channels_mixed, cut,
)  # fmt: skip
