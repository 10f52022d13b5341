"""Axes moved, joined, cut and enlarged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc.exporters.onnx.build import Layer
from convcalc.exporters.onnx.rules.register import Register, batched
from convcalc.exporters.onnx.rules.windows import onnx_pads
from convcalc.exporters.onnx.wire import INT64
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("concat")
def concat(layer: Layer) -> str:
    return layer.op("Concat", *layer.reads, axis=batched(layer.layer.axis, layer.rank))


@rules("flatten")
def flatten(layer: Layer) -> str:
    own = layer.layer
    if own.start_axis == 0 and own.end_axis in (-1, layer.rank - 1):
        return layer.op("Flatten", layer.reads[0], axis=1)
    return layer.reshaped(layer.reads[0], layer.output)


@rules("reshape", "unflatten")
def reshape(layer: Layer) -> str:
    return layer.reshaped(layer.reads[0], layer.output)


@rules("permute", "transpose")
def permute(layer: Layer) -> str:
    order = list(range(layer.rank))
    if layer.type == "permute":
        order = [axis % layer.rank for axis in layer.layer.axes]
    else:
        one, other = (axis % layer.rank for axis in layer.layer.axes)
        order[one], order[other] = other, one
    return layer.op("Transpose", layer.reads[0], perm=[0, *(axis + 1 for axis in order)])


@rules("squeeze")
def squeeze(layer: Layer) -> str:
    axes = range(layer.rank) if layer.layer.axis is None else [layer.layer.axis]
    gone = [batched(axis, layer.rank) for axis in axes if layer.shape[axis] == 1]
    return layer.op("Squeeze", layer.reads[0], layer.ints(*gone)) if gone else layer.op("Identity", layer.reads[0])


@rules("unsqueeze")
def unsqueeze(layer: Layer) -> str:
    return layer.op("Unsqueeze", layer.reads[0], layer.ints(batched(layer.layer.axis, layer.rank + 1)))


def sliced(layer: Layer, axes: Sequence[int], starts: Sequence[int], stops: Sequence[int], step: int = 1) -> str:
    """A part of the first input; axes are counted without the batch."""
    places = layer.ints(*(axis + 1 for axis in axes))
    return layer.op(
        "Slice", layer.reads[0], layer.ints(*starts), layer.ints(*stops), places, layer.ints(*[step] * len(axes))
    )


@rules("slice")
def slice_(layer: Layer) -> str:
    own = layer.layer
    axis = own.axis % layer.rank
    start, stop, step = slice(own.start, own.stop, own.step).indices(layer.shape[axis])
    return sliced(layer, [axis], [start], [stop], step)


@rules("chunk")
def chunk(layer: Layer) -> str:
    own = layer.layer
    axis = own.axis % layer.rank
    size = -(-layer.shape[axis] // own.chunks)
    return sliced(layer, [axis], [own.index * size], [min((own.index + 1) * size, layer.shape[axis])])


@rules("split")
def split(layer: Layer) -> str:
    own = layer.layer
    axis = own.axis % layer.rank
    if isinstance(own.sizes, int) or len(own.sizes) == 1:
        size = own.sizes if isinstance(own.sizes, int) else own.sizes[0]
        start = own.index * size
    else:
        start = sum(own.sizes[: own.index])
    return sliced(layer, [axis], [start], [start + layer.output[axis]])


@rules("select")
def select(layer: Layer) -> str:
    own = layer.layer
    axis = own.axis % layer.rank
    index = own.index % layer.shape[axis]
    return layer.op("Gather", layer.reads[0], layer.builder.constant([index], [], INT64), axis=axis + 1)


@rules("index_select")
def index_select(layer: Layer) -> str:
    own = layer.layer
    axis = batched(own.axis, layer.rank)
    if own.indices is not None:
        return layer.op("Gather", layer.reads[0], layer.ints(*own.indices), axis=axis)
    places = layer.builder.without_batch.get(layer.node.reads[1])
    if places is None:
        raise Unsupported("ONNX chooses the same places for all samples")
    return layer.op("Gather", layer.reads[0], places, axis=axis)


@rules("crop", "center_crop")
def crop(layer: Layer) -> str:
    axes = range(1, layer.rank)
    if layer.type == "crop":
        before = [pair[0] for pair in layer.layer.cells_cut(layer.rank - 1)]
    else:
        before = [(have - want) // 2 for have, want in zip(layer.shape[1:], layer.output[1:])]
    stops = [start + size for start, size in zip(before, layer.output[1:])]
    return sliced(layer, list(axes), before, stops)


@rules("pad")
def pad(layer: Layer) -> str:
    own = layer.layer
    added = own.cells_added(layer.shape)
    pads = [added.get(axis, (0, 0)) for axis in range(layer.rank)]
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}[own.mode]
    value = [layer.number(own.value)] if own.value else []
    return layer.op("Pad", layer.reads[0], layer.ints(*onnx_pads(((0, 0), *pads))), *value, mode=mode)


@rules("upsample")
def upsample(layer: Layer) -> str:
    own = layer.layer
    modes = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}
    if own.mode not in modes:
        raise Unsupported(f"ONNX has no mode {own.mode}")
    mode = modes[own.mode]
    place = "asymmetric" if mode == "nearest" else "align_corners" if own.align_corners else "half_pixel"
    settings: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": place, "nearest_mode": "floor"}
    if mode == "cubic":
        settings["cubic_coeff_a"] = -0.75
    scales = [want / have for have, want in zip(layer.shape[1:], layer.output[1:])]
    factors = layer.builder.constant([1.0, 1.0, *scales], [layer.rank + 1], 1)
    return layer.op("Resize", layer.reads[0], "", factors, **settings)


@rules("pixel_shuffle", "pixel_unshuffle")
def pixel_shuffle(layer: Layer) -> str:
    if layer.type == "pixel_shuffle":
        return layer.op("DepthToSpace", layer.reads[0], blocksize=layer.layer.upscale_factor, mode="CRD")
    raise Unsupported("SpaceToDepth of ONNX puts the channels into another order")


@rules("channel_shuffle")
def channel_shuffle(layer: Layer) -> str:
    groups, (channels, *sizes) = layer.layer.groups, layer.shape
    parts = layer.reshaped(layer.reads[0], [groups, channels // groups, *sizes])
    order = [0, 2, 1, *range(3, layer.rank + 2)]
    return layer.reshaped(layer.op("Transpose", parts, perm=order), layer.shape)


@rules("glu")
def glu(layer: Layer) -> str:
    axis = layer.layer.axis % layer.rank
    half = layer.shape[axis] // 2
    gate = layer.op("Sigmoid", sliced(layer, [axis], [half], [2 * half]))
    return layer.op("Mul", sliced(layer, [axis], [0], [half]), gate)


@rules("tile")
def tile(layer: Layer) -> str:
    repeats = layer.layer.repeats
    repeats = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    if len(repeats) > layer.rank:
        raise Unsupported("it adds axes")
    return layer.op("Tile", layer.reads[0], layer.ints(*[1] * (layer.rank + 1 - len(repeats)), *repeats))
