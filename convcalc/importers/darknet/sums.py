"""Layers of darknet that add or multiply the outputs of earlier ones."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.importers.darknet.layer import Layer

EPSILON = 0.0001  # added to the sum of the weights


def shortcut(layer: Layer) -> None:
    """The input plus the outputs of earlier layers, each perhaps with a learned weight."""
    others = [layer.earlier(index, "from").value for index in _sources(layer)]
    values = [layer.value, *others]
    weights = layer.section.text("weights_type", "none")
    if weights != "none":
        values = _weighted(layer, values, weights)
    total, *rest = values
    same = [value for value in rest if layer.recorder.shapes[value] == layer.shape_of(total)]
    if same:
        total = layer.add("add", inputs=[total, *same])
    for value in rest:
        if value not in same:
            total = _add_overlap(layer, total, value)
    layer.value = total
    layer.activate("linear")


def _sources(layer: Layer) -> list[int]:
    if "from" not in layer.section.values:
        raise layer.refusal(f"a {layer.section.type} layer must name the layer that it reads", help="write from=-3")
    return layer.section.integers("from")


def _add_overlap(layer: Layer, total: str, value: str) -> str:
    """Add a map of other sizes: it is read at a stride where it is larger, and only the channels of both are added."""
    shape, other = layer.shape_of(total), layer.shape_of(value)
    if len(shape) != 3 or len(other) != 3:
        raise layer.refusal(f"cannot add {format_shape(other)} to {format_shape(shape)}", "from")
    stride = other[1] // shape[1]
    if stride < 1 or stride != other[2] // shape[2] or any(-(-n // stride) < m for n, m in zip(other[1:], shape[1:])):
        raise layer.refusal(f"cannot add {format_shape(other)} to {format_shape(shape)}", "from")
    for axis in (1, 2) if other[1:] != shape[1:] else ():
        other = (*other[:axis], shape[axis], *other[axis + 1 :])
        stop = (shape[axis] - 1) * stride + 1
        value = layer.add("slice", other, inputs=[value], axis=axis, start=0, stop=stop, step=stride)
    channels = min(shape[0], other[0])
    if other[0] > channels:
        value = layer.add("slice", shape, inputs=[value], axis=0, stop=channels)
    if shape[0] == channels:
        return layer.add("add", shape, inputs=[total, value])
    both = (channels, *shape[1:])
    first = layer.add("slice", both, inputs=[total], axis=0, stop=channels)
    first = layer.add("add", both, inputs=[first, value])
    rest = layer.add("slice", (shape[0] - channels, *shape[1:]), inputs=[total], axis=0, start=channels)
    return layer.add("concat", shape, inputs=[first, rest])


def _weighted(layer: Layer, values: list[str], kind: str) -> list[str]:
    """Each value times its learned weight: one for each layer, or one for each of its channels."""
    if kind not in ("per_feature", "per_layer", "per_channel"):
        raise layer.refusal(f"weights_type {kind[:40]!r} is none of per_feature, per_channel and none", "weights_type")
    channels = layer.shape_of(layer.value)[0]
    count = channels if kind == "per_channel" else 1
    shape = (len(values), count, 1, 1)
    layer.add("parameter", shape, inputs=[], tensors=layer.tensors(weight=shape), shape=list(shape))
    weights = _normalised(layer, shape)
    weighted = []
    for index, value in enumerate(values):
        own = layer.shape_of(value)
        if len(own) != 3 or (count > 1 and own[0] != count):
            raise layer.refusal("weights of a shortcut are known only for maps of the same channels", "weights_type")
        factor = layer.add("select", (count, 1, 1), inputs=[weights], index=index)
        weighted.append(layer.add("mul", own, inputs=[value, factor]))
    return weighted


def _normalised(layer: Layer, shape: Shape) -> str:
    """The weights brought to a sum of 1."""
    kind = layer.section.text("weights_normalization", "none")
    if kind == "softmax":
        return layer.add("softmax", shape)
    if kind in ("relu", "avg_relu"):
        weights = layer.add("relu", shape)
        layer.add("sum", (1, *shape[1:]), axis=0, keepdim=True)
        total = layer.add("scalar", (1, *shape[1:]), add=EPSILON)
        return layer.add("div", shape, inputs=[weights, total])
    return layer.value


def scale_channels(layer: Layer) -> None:
    """An earlier map, each channel times a factor that the input gives; with `scale_wh` each position."""
    _multiply(layer)


def sam(layer: Layer) -> None:
    """An earlier map times the input, element by element."""
    _multiply(layer)


def _multiply(layer: Layer) -> None:
    factors = layer.image()
    value = layer.earlier(_sources(layer)[0], "from").value
    shape = layer.shape_of(value)
    if len(shape) != 3 or any(size not in (1, whole) for size, whole in zip(factors, shape)):
        raise layer.refusal(f"cannot multiply {format_shape(shape)} by {format_shape(factors)}", "from")
    layer.add("mul", shape, inputs=[value, layer.value])
    layer.activate("linear")
