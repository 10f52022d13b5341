"""Layers of Caffe that normalise or scale: BatchNorm with the Scale behind it, LRN, MVN, Normalize, Scale and Bias."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.importers.caffe.layer import Layer
from convcalc.importers.network import Tensor


def batch_norm(layer: Layer) -> None:
    """Means, variances and a factor for them; nothing is learned."""
    channels = layer.channels()
    rank = {1: 1, 2: 1, 3: 2, 4: 3}.get(len(layer.shape))
    if rank is None:
        raise layer.refusal(f"it does not read {format_shape(layer.shape)}")
    eps = layer.parameters("batch_norm_param").number("eps", 1e-5)
    shapes = (("running_mean", (channels,)), ("running_var", (channels,)), ("factor", (1,)))
    buffers = {term: Tensor(f"{layer.definition.name}.{term}", shape, False) for term, shape in shapes}
    layer.add(f"batch_norm{rank}d", name="norm", buffers=buffers, eps=eps, affine=False)


def affine_batch_norm(layer: Layer) -> None:
    """The BN of forks of Caffe, which has learned slopes and biases."""
    batch_norm(layer)
    learn_scale(layer, bias=True)


def learn_scale(layer: Layer, *, bias: bool) -> None:
    """Let the batch normalisation that was recorded last have a learned scale, and a bias."""
    operation = layer.recorder.operations[-1]
    channels = (layer.channels(),)
    operation.parameters.pop("affine", None)
    operation.tensors["weight"] = layer.tensor(0, "weight", channels)
    if bias:
        operation.tensors["bias"] = layer.tensor(1, "bias", channels)
    else:
        operation.parameters["bias"] = False


def scale(layer: Layer) -> None:
    """Factors, learned or given by a second bottom, along some axes; and with `bias_term` a learned bias."""
    message = layer.parameters("scale_param")
    has_bias = message.flag("bias_term")
    if len(layer.inputs) > 1:
        axis = message.integer("axis", 1, -64)
        layer.add("mul", inputs=[layer.inputs[0], _aligned(layer, layer.inputs[1], axis)])
        if has_bias:
            _add_bias(layer, 0, (layer.channels(),), 0)
        return
    axis = layer.axis(message, "axis")
    shape = _own_shape(layer, axis, message.integer("num_axes", 1, -1))
    tensor = layer.tensor(0, "weight", shape)
    if len(shape) == 1:
        layer.add("layer_scale", name="scale", tensors={"layer_scale": tensor}, axis=axis)
    else:
        value, placed = layer.value, _placed(layer, axis, shape)
        tensors = {"parameter": tensor._replace(shape=placed)}
        factor = layer.add("parameter", placed, name="scale", inputs=[], tensors=tensors, shape=list(placed))
        layer.add("mul", layer.shape_of(value), inputs=[value, factor])
    if has_bias:
        _add_bias(layer, axis, shape, 1)


def bias(layer: Layer) -> None:
    message = layer.parameters("bias_param")
    if len(layer.inputs) > 1:
        layer.add("add", inputs=[layer.inputs[0], _aligned(layer, layer.inputs[1], message.integer("axis", 1, -64))])
        return
    axis = layer.axis(message, "axis")
    _add_bias(layer, axis, _own_shape(layer, axis, message.integer("num_axes", 1, -1)), 0)


def _own_shape(layer: Layer, axis: int, count: int) -> Shape:
    """The sizes of so many axes from this one on; of all where the count is -1."""
    return layer.shape[axis:] if count < 0 else layer.shape[axis : axis + count]


def _placed(layer: Layer, axis: int, shape: Shape) -> Shape:
    """A shape with as many axes behind it as the layer's value has."""
    return (*shape, *(1 for _ in layer.shape[axis + len(shape) :]))


def _add_bias(layer: Layer, axis: int, shape: Shape, index: int) -> None:
    value, placed = layer.value, _placed(layer, axis, shape)
    tensors = {"parameter": layer.tensor(index, "bias", placed)}
    layer.add("parameter", placed, name="bias", inputs=[], tensors=tensors, shape=list(placed))
    layer.add("add", layer.shape_of(value), inputs=[value, layer.value])


def _aligned(layer: Layer, value: str, axis: int) -> str:
    """A value with axes of size 1 behind it, so that it is repeated over them; `axis` counts the batch."""
    whole, shape = layer.shape_of(layer.inputs[0]), layer.shape_of(value)
    axis = axis + len(whole) + 1 if axis < 0 else axis
    placed = (*shape, *(1 for _ in whole[axis - 1 + len(shape) + (axis == 0) :])) if axis else None
    if axis == 0:  # the second bottom has the batch, too
        placed = (*shape, *(1 for _ in whole[len(shape) :]))
    if placed is None or len(placed) > len(whole) or any(a not in (1, b) for a, b in zip(placed[::-1], whole[::-1])):
        raise layer.refusal(f"{format_shape(shape)} does not fit {format_shape(whole)}")
    return value if placed == shape else layer.add("reshape", placed, inputs=[value], shape=list(placed))


def lrn(layer: Layer) -> None:
    message = layer.parameters("lrn_param")
    size, alpha = message.integer("local_size", 5, 1), message.number("alpha", 1.0)
    beta, k = message.number("beta", 0.75), message.number("k", 1.0)
    if message.text("norm_region", "ACROSS_CHANNELS") in ("ACROSS_CHANNELS", "0"):
        layer.add("local_response_norm", size=size, alpha=alpha, beta=beta, k=k)
        return
    if len(layer.shape) != 3 or size % 2 == 0:
        raise layer.refusal("within a channel it needs an image and an odd local_size")
    value = layer.value  # Caffe computes it by these very layers
    layer.add("square")
    layer.add("avg_pool2d", kernel_size=size, stride=1, padding=(size - 1) // 2)
    layer.add("scalar", multiply=alpha, add=1.0)
    layer.add("pow", exponent=-beta)
    layer.add("mul", inputs=[value, layer.value])


def mvn(layer: Layer) -> None:
    """Each channel, or all together, less its mean and over its deviation."""
    message = layer.parameters("mvn_param")
    is_whole, eps = message.flag("across_channels"), message.number("eps", 1e-9)
    if not message.flag("normalize_variance", True) or len(layer.shape) != 3:
        layer.add("MVN", known=False)
    elif is_whole:
        layer.add("layer_norm", eps=eps, affine=False, normalized_shape=list(layer.shape))
    else:
        layer.add("instance_norm2d", eps=eps, affine=False, track_running_stats=False)


def normalize(layer: Layer) -> None:
    """The layer of SSD: each position over the norm of its channels, times a learned factor of each channel."""
    message = layer.parameters("norm_param")
    channels = layer.channels()
    axes = list(range(len(layer.shape))) if message.flag("across_spatial", True) else 0
    layer.add("normalize", axis=axes, eps=message.number("eps", 1e-10))
    if message.flag("channel_shared", True):
        value, ones = layer.value, (1,) * len(layer.shape)
        tensors = {"parameter": layer.tensor(0, "scale", ones)}
        layer.add("parameter", ones, name="scale", inputs=[], tensors=tensors, shape=list(ones))
        layer.add("mul", layer.shape_of(value), inputs=[value, layer.value])
    else:
        layer.add("layer_scale", name="scale", tensors={"layer_scale": layer.tensor(0, "scale", (channels,))})
