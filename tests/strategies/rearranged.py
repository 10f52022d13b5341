"""Random graphs of maps with layers that repeat, turn around, choose, accumulate, reduce and replace positions."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import assume
from hypothesis import strategies as st

from tests.oracles.boolean_probe import Adaptive, Axis, Chosen, Pad, Pointwise, WholeMap, Window, pixels_seen
from tests.strategies.graphs import CHANNELS, Graph, Sketch, Step

ROOM = 16  # the longest axis that is made longer


def _along(draw: st.DrawFn, sketch: Sketch, read: str) -> tuple[int, int]:
    """One axis of the map, and its length."""
    axis = draw(st.integers(0, sketch.rank - 1))
    return axis, sketch.sizes[read][axis]


def _on(sketch: Sketch, axis: int, layer: Axis) -> list[Axis]:
    """The layer on one axis; each position of the others reads itself."""
    return [layer if other == axis else Pointwise() for other in range(sketch.rank)]


def _chosen(sketch: Sketch, kind: str, read: str, axis: int, places: Sequence[int], /, **parameters: object) -> str:
    """Append a layer whose positions read one position each."""
    layer = Chosen(tuple([(place,) for place in places]))
    return sketch.add(kind, [read], _on(sketch, axis, layer), **parameters)


def _rolled(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, length = _along(draw, sketch, read)
    shift = draw(st.integers(-2 * length, 2 * length))
    places = [(place - shift) % length for place in range(length)]
    return _chosen(sketch, "roll", read, axis, places, shifts=shift, axes=axis + 1)


def _flipped(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, length = _along(draw, sketch, read)
    return _chosen(sketch, "flip", read, axis, range(length)[::-1], axes=axis + 1)


def _repeated(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Each position twice in a row, or the whole axis twice."""
    axis, length = _along(draw, sketch, read)
    if length > ROOM:
        return _flipped(draw, sketch, read)
    if draw(st.booleans()):
        places = [place // 2 for place in range(2 * length)]
        return _chosen(sketch, "repeat_interleave", read, axis, places, repeats=2, axis=axis + 1)
    repeats = [1] * (sketch.rank + 1)
    repeats[axis + 1] = 2
    return _chosen(sketch, "tile", read, axis, [*range(length)] * 2, repeats=repeats)


def _selected(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, length = _along(draw, sketch, read)
    places = draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=length))
    return _chosen(sketch, "index_select", read, axis, places, axis=axis + 1, indices=places)


def _one_place(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """One position of an axis, which goes, comes back with a size of 1, and gates the map.

    No position is known of it, so that a map without any position is not joined to others.
    """
    axis, length = _along(draw, sketch, read)
    place = draw(st.integers(-length, length - 1))
    row = sketch.unprobed("select", read, axis=axis + 1, index=place)
    gate = _chosen(sketch, "unsqueeze", read, axis, [place % length], axis=axis + 1, **{"from": row})
    return sketch.add("mul", draw(st.permutations((read, gate))))


def _piece(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, length = _along(draw, sketch, read)
    first = draw(st.integers(1, length))
    sizes = [first, length - first] if first < length else [length]
    index = draw(st.integers(0, len(sizes) - 1))
    places = range(first) if index == 0 else range(first, length)
    return _chosen(sketch, "split", read, axis, places, axis=axis + 1, sizes=sizes, index=index)


def _accumulated(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, length = _along(draw, sketch, read)
    layer = Chosen(tuple([tuple(range(place + 1)) for place in range(length)]))
    kind = draw(st.sampled_from(("cumsum", "cumprod", "cummax", "cummin")))
    return sketch.add(kind, [read], _on(sketch, axis, layer), axis=axis + 1)


def _reduced(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, _ = _along(draw, sketch, read)
    kind = draw(st.sampled_from(("sum", "mean", "max", "min", "prod", "var", "std", "norm", "logsumexp")))
    pooled = sketch.add(kind, [read], _on(sketch, axis, Adaptive(1)), axis=axis + 1, keepdim=True)
    return sketch.add("mul", [read, pooled]) if draw(st.booleans()) else pooled


def _normalised(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis, _ = _along(draw, sketch, read)
    kind = draw(st.sampled_from(("normalize", "softmax")))
    return sketch.add(kind, [read], _on(sketch, axis, WholeMap()), axis=axis + 1)


def _recut(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Padding of one axis by amounts that may be negative; in 2-D no cell is blind."""
    axis, length = _along(draw, sketch, read)
    most = 4 if sketch.rank == 1 and length <= ROOM else 0
    before = draw(st.integers(max(-3, 1 - length), most))
    after = draw(st.integers(max(-3, 1 - length - min(before, 0)), most))
    mode = draw(st.sampled_from(("constant", "replicate")))
    padded = _on(sketch, axis, Pad(before, after, mode))
    return sketch.add("pad", [read], padded, padding=[[before, after]], axes=[axis + 1], mode=mode)


def _mixed(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """All positions of the last axis mixed by a learned matrix, as gates of the map."""
    length = sketch.sizes[read][-1]
    wide = draw(st.sampled_from((1, length)))
    axes = _on(sketch, sketch.rank - 1, Chosen((tuple(range(length)),) * wide))
    matrix = {"from": [read, sketch.parameter(length, wide)]}
    if draw(st.booleans()):
        gates = sketch.add("matmul", [read], axes, **matrix)
    else:
        gates = sketch.add("einsum", [read], axes, equation="...l,lm->...m", **matrix)
    return sketch.add("add", draw(st.permutations((read, gates))))


def _channels_mixed(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """All channels mixed by a learned matrix; each position reads itself."""
    weights = sketch.parameter(CHANNELS, CHANNELS)
    letters = "hw"[: sketch.rank]
    equation = f"c{letters},cd->d{letters}"
    return sketch.add("einsum", [read], equation=equation, **{"from": [read, weights]})


def _stacked(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Two maps of one size stacked, and their sum over the new axis, or one of them."""
    alike = [other for other in sketch.maps if sketch.sizes[other] == sketch.sizes[read]]
    other = draw(st.sampled_from(alike))
    both = sketch.unprobed("stack", [read, other], axis=1)
    return sketch.add("sum", [read, other], **{"from": both}, axis=1)


def _replaced(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Part of a map put in the place of another part; in 2-D it would not be a product of what the axes see."""
    if sketch.rank > 1:
        return _flipped(draw, sketch, read)
    length = sketch.sizes[read][0]
    step, count = draw(st.integers(1, 2)), draw(st.integers(1, (length + 1) // 2))
    other = draw(st.sampled_from([name for name in sketch.maps if sketch.sizes[name][0] >= count]))
    start = draw(st.integers(0, sketch.sizes[other][0] - count))
    part = _chosen(sketch, "slice", other, 0, range(start, start + count), axis=1, start=start, stop=start + count)
    to = draw(st.integers(0, length - (count - 1) * step - 1))
    number = {to + index * step: index for index in range(count)}
    kept = sketch.hidden([read], [Chosen(tuple([() if place in number else (place,) for place in range(length)]))])
    put = [(number[place],) if place in number else () for place in range(length)]
    parts = [kept, sketch.hidden([part], [Chosen(tuple(put))])]
    if count == 1 and draw(st.booleans()):
        alone = sketch.unprobed("select", part, axis=1, index=0)
        return sketch.add("select_scatter", parts, **{"from": [read, alone]}, axis=1, index=to)
    stop = to + (count - 1) * step + 1
    return sketch.add("slice_scatter", parts, **{"from": [read, part]}, axis=1, start=to, stop=stop, step=step)


def _blurred(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """A convolution between, so that fields differ by position."""
    kernel = draw(st.integers(1, 3))
    windows = [Window(kernel, 1, kernel - 1, 0)] * sketch.rank
    pads = [[kernel - 1, 0]] * sketch.rank
    kind = f"conv{sketch.rank}d"
    return sketch.add(kind, [read], windows, out_channels=CHANNELS, kernel_size=kernel, padding=pads)


_STEPS: tuple[Step, ...] = (
    _rolled, _flipped, _repeated, _selected, _one_place, _piece, _accumulated, _reduced, _normalised, _recut, _mixed,
    _channels_mixed, _stacked, _replaced, _replaced, *(_blurred,) * 4,
)  # fmt: skip


@st.composite
def rearranged(draw: st.DrawFn, rank: int = 1) -> Graph:
    """Graphs of 3 to 7 such layers and convolutions."""
    sketch = Sketch(tuple(draw(st.integers(2, 14 if rank == 1 else 7)) for _ in range(rank)))
    _blurred(draw, sketch, "input")  # says which axes of the input are positions
    for _ in range(draw(st.integers(3, 7))):
        read = draw(st.sampled_from((sketch.maps[-1], *sketch.maps)))
        sketch.maps.append(draw(st.sampled_from(_STEPS))(draw, sketch, read))
    graph = sketch.graph()
    inputs = tuple(range(rank))
    assume(rank == 1 or all(seen.any(inputs).all() for seen in pixels_seen(graph.nodes, graph.size).values()))
    return graph
