"""Axes moved, joined, cut and repeated."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.keras import orders
from convcalc.exporters.keras.layers.register import Placed, Register, chain, function, layer, on_sequence
from convcalc.exporters.keras.padding import cropping, is_nothing, zero_padding
from convcalc.exporters.python.code import Argument, Call, Code, given
from convcalc.exporters.register import Unsupported

rules = Register()


@rules(*orders.RESHAPING)
def reshaping(placed: Placed) -> Code:
    if placed.type == "flatten" and len(placed.output) == 1:
        # In channels_first Keras puts the channels last before it flattens.
        keeps_order = placed.is_first and not orders.is_same_either_way(placed.shape)
        return layer("Flatten", *([Argument("channels_last", "data_format")] if keeps_order else []))
    read = orders.placed(placed.shape, placed.last[0])
    if placed.sizes == read:
        return function("{0}")
    return layer("Reshape", given(placed.sizes, "sizes"))


@rules("permute", "transpose")
def permutation(placed: Placed) -> Code:
    axes = orders.moves(placed.node, placed.rank, placed.last[0], placed.is_last)
    if axes == tuple(range(placed.rank)):
        return function("{0}")
    return layer("Permute", Argument(tuple(axis + 1 for axis in axes)))


@rules("roll", "flip")
def moved(placed: Placed) -> Code:
    axes = tuple(placed.place(axis) for axis in placed.layer.axes)
    axis = axes[0] if len(axes) == 1 else axes
    if placed.type == "flip":
        return function("ops.flip({0}, axis={axis})", axis=axis)
    shifts = tuple(placed.layer.shifts)
    shift = shifts[0] if len(shifts) == 1 else shifts
    return function("ops.roll({0}, {shift}, axis={axis})", shift=shift, axis=axis)


@rules("expand")
def expand(placed: Placed) -> Code:
    if len(placed.output) != placed.rank:
        raise Unsupported("it adds axes")
    counts = tuple(out // size for out, size in zip(placed.output, placed.shape))
    return function("ops.tile({0}, {counts})", counts=(1, *counts))


@rules("tile")
def tile(placed: Placed) -> Code:
    repeats = placed.layer.repeats
    repeats = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    if len(repeats) > placed.rank:
        raise Unsupported("it adds axes")
    whole = (*(1,) * (placed.rank - len(repeats)), *repeats)
    return function("ops.tile({0}, {repeats})", repeats=(1, *orders.placed(whole, placed.last[0])))


@rules("repeat_interleave")
def repeat_interleave(placed: Placed) -> Code:
    values = {"repeats": placed.layer.repeats, "axis": placed.axis(placed.layer.axis)}
    return function("ops.repeat({0}, {repeats}, axis={axis})", **values)


def _cut(placed: Placed, start: int | None, stop: int | None, step: int = 1) -> Code:
    """A slice along one axis."""
    place = placed.place(placed.layer.axis)
    before = "..., " if place == placed.rank else ":, " * place
    values: dict[str, Any] = {key: value for key, value in (("start", start), ("stop", stop)) if value is not None}
    bounds = ":".join(f"{{{key}}}" if key in values else "" for key in ("start", "stop"))
    return function(f"{{0}}[{before}{bounds}{f':{step}' if step != 1 else ''}]", **values)


@rules("slice")
def slice_(placed: Placed) -> Code:
    own = placed.layer
    return _cut(placed, own.start, own.stop, own.step)


@rules("chunk", "split")
def part(placed: Placed) -> Code:
    own = placed.layer
    size = placed.shape[own.axis]
    if placed.type == "chunk" and size % own.chunks == 0:
        values = {"chunks": own.chunks, "index": own.index}
        return function("ops.split({0}, {chunks}, axis={axis})[{index}]", axis=placed.axis(own.axis), **values)
    if placed.type == "chunk":
        step = -(-size // own.chunks)
        start, stop = own.index * step, min((own.index + 1) * step, size)
    elif isinstance(own.sizes, int):
        start, stop = own.index * own.sizes, min((own.index + 1) * own.sizes, size)
    else:
        start = sum(own.sizes[: own.index])
        stop = start + own.sizes[own.index]
    return _cut(placed, start or None, stop if stop < size else None)


@rules("select")
def select(placed: Placed) -> Code:
    place = placed.place(placed.layer.axis)
    before = "..., " if place == placed.rank else ":, " * place
    return function(f"{{0}}[{before}{{index}}]", index=placed.layer.index)


@rules("index_select")
def index_select(placed: Placed) -> Code:
    if len(placed.inputs) == 2:
        raise Unsupported("the indices are a tensor, which has a batch in Keras")
    indices, axis = list(placed.layer.indices), placed.axis(placed.layer.axis)
    return function("ops.take({0}, {indices}, axis={axis})", indices=indices, axis=axis)


@rules("crop", "center_crop")
def crop(placed: Placed) -> Code:
    if placed.type == "crop":
        cuts = tuple(placed.layer.cells_cut(placed.rank - 1))
    else:
        missing = [have - want for have, want in zip(placed.shape[1:], placed.output[1:])]
        if min(missing) < 0:
            raise Unsupported("it makes the map larger")
        cuts = tuple((cells // 2, cells - cells // 2) for cells in missing)
    if is_nothing(cuts):
        return function("{0}")
    if len(cuts) > 3:
        raise Unsupported("Keras cuts maps of one to three axes")
    return chain(*on_sequence(placed, "", cropping(cuts)))


@rules("pad")
def pad(placed: Placed) -> Code:
    own = placed.layer
    added = own.cells_added(placed.shape)
    pads = tuple(tuple(added.get(axis, added.get(axis - placed.rank, (0, 0)))) for axis in range(placed.rank))
    if own.mode not in ("constant", "reflect"):
        raise Unsupported(f"Keras does not pad with mode {own.mode}")
    if min(cells for pair in pads for cells in pair) < 0:
        raise Unsupported("it cuts cells", "write `crop`")
    is_map = placed.last[0] or placed.is_first
    if own.mode == "constant" and not own.value and is_map and not any(pads[0]) and 1 < placed.rank < 5:
        return Code("{0}", zero_padding(pads[1:]))
    whole = ((0, 0), *orders.placed(pads, placed.last[0]))  # type: ignore[arg-type]  # pairs in place of sizes
    values: dict[str, Any] = {"pads": whole}
    if own.mode != "constant":
        return function("ops.pad({0}, {pads}, mode={mode})", pads=whole, mode=own.mode)
    if own.value:
        return function("ops.pad({0}, {pads}, constant_values={value})", pads=whole, value=own.value)
    return function("ops.pad({0}, {pads})", **values)


@rules("pixel_shuffle", "pixel_unshuffle", "channel_shuffle")
def shuffle(placed: Placed) -> Code:
    """Channels in parts, moved, and joined again."""
    if placed.rank != 3:
        raise Unsupported("the export shuffles maps of two axes")
    channels, height, width = placed.shape
    own = placed.layer
    parts: tuple[int, ...]
    order: tuple[int, ...]
    if placed.type == "channel_shuffle":
        parts, order = (own.groups, channels // own.groups, height, width), (1, 0, 2, 3)
    elif placed.type == "pixel_shuffle":
        factor = own.upscale_factor
        parts, order = (channels // factor**2, factor, factor, height, width), (0, 3, 1, 4, 2)
    else:
        factor = own.downscale_factor
        parts, order = (channels, height // factor, factor, width // factor, factor), (0, 2, 4, 1, 3)
    if placed.is_first:
        first, moves = parts, tuple(axis + 1 for axis in order)
    else:
        first, moves = _channels_last(placed.type, parts, order)
    calls = (
        Call("layers.Reshape", (given(first, "parts"),)),
        Call("layers.Permute", (Argument(moves),)),
        Call("layers.Reshape", (given(placed.sizes, "sizes"),)),
    )
    return chain(*zip(("parts", "moved", ""), calls))


def _channels_last(kind: str, parts: tuple[int, ...], order: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """The same parts and moves where the channels are last."""
    # How many of the parts, at the front, and of the moved ones make up the channels.
    before = {"channel_shuffle": 2, "pixel_shuffle": 3, "pixel_unshuffle": 1}[kind]
    after = {"channel_shuffle": 2, "pixel_shuffle": 1, "pixel_unshuffle": 3}[kind]
    read = (*range(before, len(parts)), *range(before))
    wanted = (*order[after:], *order[:after])
    return tuple(parts[axis] for axis in read), tuple(read.index(axis) + 1 for axis in wanted)
