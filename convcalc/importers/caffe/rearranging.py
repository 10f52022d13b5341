"""Layers of Caffe that rearrange, join and cut, and those of detectors."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from convcalc.arith.shape import Shape, format_shape
from convcalc.importers.caffe.layer import Layer


def split(layer: Layer) -> None:
    layer.outputs = [layer.value] * len(layer.definition.tops)


def concat(layer: Layer) -> None:
    message = layer.parameters("concat_param")
    axis = layer.axis(message, "concat_dim" if "concat_dim" in message else "axis")
    shapes = [layer.shape_of(value) for value in layer.inputs]
    first = shapes[0]
    if any(_without(shape, axis) != _without(first, axis) for shape in shapes):
        found = ", ".join(map(format_shape, shapes))
        raise layer.refusal(f"its inputs may differ on axis {axis + 1} alone, and are {found}")
    size = sum(shape[axis] for shape in shapes)
    if len(shapes) > 1:
        layer.add("concat", (*first[:axis], size, *first[axis + 1 :]), inputs=layer.inputs, axis=axis)


def _without(shape: Shape, axis: int) -> Shape:
    return (len(shape), *shape[:axis], *shape[axis + 1 :])


def slice_(layer: Layer) -> None:
    message = layer.parameters("slice_param")
    axis = layer.axis(message, "slice_dim" if "slice_dim" in message else "axis")
    shape, count = layer.shape, len(layer.definition.tops)
    points = [0, *message.integers("slice_point", 1), shape[axis]]
    if len(points) == 2:
        if count < 1 or shape[axis] % count:
            raise layer.refusal(f"{shape[axis]} cannot be cut into {count} equal pieces")
        points = list(range(0, shape[axis] + 1, shape[axis] // count))
    sizes = [end - start for start, end in pairwise(points)]
    if len(sizes) != count or min(sizes) < 1:
        raise layer.refusal(f"its slice_point do not cut {shape[axis]} into {count} pieces")
    value = layer.value
    for index, size in enumerate(sizes):
        piece = (*shape[:axis], size, *shape[axis + 1 :])
        if count == 1:
            layer.outputs = [value]
        elif len(set(sizes)) == 1:
            layer.outputs.append(layer.add("chunk", piece, inputs=[value], chunks=count, index=index, axis=axis))
        else:
            layer.outputs.append(layer.add("split", piece, inputs=[value], sizes=sizes, index=index, axis=axis))


def flatten(layer: Layer) -> None:
    message = layer.parameters("flatten_param")
    axis = layer.axis(message, "axis") if layer.shape else 0
    end = layer.axis(message, "end_axis", -1) if layer.shape else 0
    if end > axis:
        shape = (*layer.shape[:axis], prod(layer.shape[axis : end + 1]), *layer.shape[end + 1 :])
        layer.add("flatten", shape, start_axis=axis, end_axis=-1 if end == len(layer.shape) - 1 else end)


def reshape(layer: Layer) -> None:
    """Another shape: 0 keeps the size of an axis, -1 is what is left. The batch must stay."""
    message = layer.parameters("reshape_param")
    whole = (1, *layer.shape)
    start = message.integer("axis", 0, -64)
    start = start + len(whole) + 1 if start < 0 else start
    count = message.integer("num_axes", -1, -1)
    end = len(whole) if count < 0 else start + count
    dims = message.message("shape").integers("dim", -1)
    if not 0 <= start <= end <= len(whole):
        raise layer.refusal(f"axis and num_axes do not fit {format_shape(layer.shape)}")
    try:
        copied = [whole[start + index] if size == 0 else size for index, size in enumerate(dims)]
    except IndexError:
        raise layer.refusal("a 0 in its shape stands for no axis of the input") from None
    new = [*whole[:start], *copied, *whole[end:]]
    if new and start == 0 and dims and dims[0] != 0:
        new[0] = 1  # the batch, whatever size the file says
    if new.count(-1) == 1:
        rest = prod(size for size in new if size != -1)
        new[new.index(-1)] = prod(whole) // rest if rest else 0
    if not new or new[0] != 1 or min(new) < 1 or prod(new) != prod(whole):
        raise layer.refusal(f"{format_shape(layer.shape)} cannot be reshaped to {format_shape(new[1:])}")
    if tuple(new[1:]) != layer.shape:
        layer.add("reshape", tuple(new[1:]), shape=new[1:])


def permute(layer: Layer) -> None:
    order = layer.parameters("permute_param").integers("order")
    order += [axis for axis in range(len(layer.shape) + 1) if axis not in order]
    if order[0] != 0 or sorted(order) != list(range(len(layer.shape) + 1)):
        raise layer.refusal("its order is none of the axes after the batch")
    axes = [axis - 1 for axis in order[1:]]
    layer.add("permute", tuple(layer.shape[axis] for axis in axes), axes=axes)


def tile(layer: Layer) -> None:
    message = layer.parameters("tile_param")
    axis, count = layer.axis(message, "axis"), message.integer("tiles", 1, 1)
    repeats = [count if each == axis else 1 for each in range(len(layer.shape))]
    layer.add("tile", tuple(map(int.__mul__, layer.shape, repeats)), repeats=repeats)


def crop(layer: Layer) -> None:
    """The first bottom cut to the sizes of the second from an axis on. Old files leave the offset to Caffe."""
    message = layer.parameters("crop_param")
    layer.expect(2)
    axis, offsets = layer.axis(message, "axis", 2), message.integers("offset")
    like = layer.shape_of(layer.inputs[1])
    if len(like) != len(layer.shape) or len(offsets) not in (0, 1, len(layer.shape) - axis):
        raise layer.refusal("its offset or its second input do not fit the first")
    if "crop_param" not in layer.definition.message:
        layer.recorder.remark("Caffe works out the offsets of old Crop layers; they are cut at both ends alike")
    cuts: list[tuple[int, int]] = []
    for number, (size, kept) in enumerate(zip(layer.shape[axis:], like[axis:])):
        start = offsets[min(number, len(offsets) - 1)] if offsets else 0
        if "crop_param" not in layer.definition.message:
            start = max(0, size - kept) // 2
        if start + kept > size:
            raise layer.refusal(f"it cuts {kept} cells from {start} on out of {size}")
        cuts.append((start, size - kept - start))
    if axis == 0 and cuts:
        start, after = cuts.pop(0)
        if start or after:
            shape = (like[0], *layer.shape[1:])
            layer.add("slice", shape, axis=0, start=start, stop=start + like[0])
        axis = 1
    cuts = [(0, 0)] * (axis - 1) + cuts
    if any(cut != (0, 0) for cut in cuts):
        layer.add("crop", (layer.shape[0], *like[1:]) if axis <= 1 else _cut(layer.shape, cuts), cropping=tuple(cuts))


def _cut(shape: Shape, cuts: list[tuple[int, int]]) -> Shape:
    return (shape[0], *(size - before - after for size, (before, after) in zip(shape[1:], cuts)))


def reduction(layer: Layer) -> None:
    message = layer.parameters("reduction_param")
    axis = layer.axis(message, "axis", 0)
    word = message.text("operation", "SUM")
    before = {"SUM": None, "MEAN": None, "ASUM": "abs", "SUMSQ": "square"}
    if word not in before:
        raise layer.refusal("operation is none of SUM, ASUM, SUMSQ and MEAN")
    if first := before[word]:
        layer.add(first)
    axes = list(range(axis, len(layer.shape)))
    layer.add("mean" if word == "MEAN" else "sum", layer.shape[:axis], axis=axes[0] if len(axes) == 1 else axes)
    if (coefficient := message.number("coeff", 1.0)) != 1:
        layer.add("scalar", multiply=coefficient)


def parameter(layer: Layer) -> None:
    """A learned tensor that reads nothing; its first axis is that of the batch."""
    shape = tuple(layer.parameters("parameter_param").message("shape").integers("dim", 1))
    tensors = {"parameter": layer.tensor(0, "weight", shape)}
    layer.add("parameter", shape, inputs=[], tensors=tensors, shape=list(shape))


def channel_shuffle(layer: Layer) -> None:
    layer.add("channel_shuffle", groups=layer.parameters("shuffle_channel_param").integer("group", 1, 1))


def interp(layer: Layer) -> None:
    """Bilinear interpolation to a given size or by a factor; corners stay corners."""
    message = layer.parameters("interp_param")
    if len(layer.shape) != 3:
        raise layer.refusal("it needs an image")
    cut = message.integer("pad_beg", 0, -(2**31)) + message.integer("pad_end", 0, -(2**31))
    shrink, zoom = message.integer("shrink_factor", 1, 1), message.integer("zoom_factor", 1, 1)
    sizes = [size + cut for size in layer.shape[1:]]
    if cut:
        raise layer.refusal("padding of an Interp layer is not known")
    sizes = [(size - 1) // shrink + 1 for size in sizes]
    sizes = [size + (size - 1) * (zoom - 1) for size in sizes]
    sizes = [message.integer(name, size, 1) for name, size in zip(("height", "width"), sizes)]
    if message.flag("use_blob_size") and len(layer.inputs) > 1:
        sizes = list(layer.shape_of(layer.inputs[1])[1:])
    layer.add("upsample", (layer.shape[0], *sizes), size=tuple(sizes), mode="bilinear", align_corners=True)


def prior_box(layer: Layer) -> None:
    """The boxes that a detector starts from and their variances: fixed numbers for each position of a map."""
    message = layer.parameters("prior_box_param")
    if len(layer.shape) != 3:
        raise layer.refusal("it needs an image")
    ratios = {1.0}
    for ratio in message.numbers("aspect_ratio"):
        ratios.add(ratio)
        if message.flag("flip", True) and ratio:
            ratios.add(1 / ratio)
    boxes = len(ratios) * len(message.numbers("min_size")) + len(message.numbers("max_size"))
    shape = (2, layer.shape[1] * layer.shape[2] * boxes * 4)
    layer.add("constant", shape, inputs=[], shape=list(shape))


def proposal(layer: Layer) -> None:
    """Regions of an image, five numbers each; they are the batch of what follows."""
    layer.add(layer.definition.type, (5,), inputs=layer.inputs, known=False)
    layer.outputs = [layer.value] * max(1, len(layer.definition.tops))
