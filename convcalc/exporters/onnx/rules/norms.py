"""Normalisation."""

from __future__ import annotations

from convcalc.exporters.onnx.build import BUFFER, Layer
from convcalc.exporters.onnx.rules.register import Register
from convcalc.exporters.register import Unsupported, ranks

rules = Register()


def _affine(layer: Layer, shape: list[int]) -> tuple[str, str]:
    """The factor and the term of each channel; ones and zeros where they are not learned."""
    own, size = layer.layer, shape[0]
    note = BUFFER if getattr(own, "as_buffers", False) else "parameter"
    weight = layer.weight("weight", shape, note=note) if own.affine else layer.filled(1, size)
    bias = layer.weight("bias", shape, note=note) if own.affine and own.bias else layer.filled(0, size)
    return weight, bias


@rules(*ranks("batch_norm"))
def batch_norm(layer: Layer) -> str:
    own, channels = layer.layer, [layer.shape[0]]
    if not own.track_running_stats:
        raise Unsupported("without running statistics it mixes the samples of a batch")
    statistics = [layer.weight(f"running_{name}", channels, note=BUFFER) for name in ("mean", "var")]
    return layer.op(
        "BatchNormalization", layer.reads[0], *_affine(layer, channels), *statistics, epsilon=float(own.eps)
    )


@rules(*ranks("instance_norm"))
def instance_norm(layer: Layer) -> str:
    own = layer.layer
    if own.track_running_stats:
        raise Unsupported("ONNX has no instance norm with running statistics")
    return layer.op("InstanceNormalization", layer.reads[0], *_affine(layer, [layer.shape[0]]), epsilon=float(own.eps))


@rules("group_norm")
def group_norm(layer: Layer) -> str:
    own = layer.layer
    weight, bias = _affine(layer, [layer.shape[0]])
    return layer.op(
        "GroupNormalization", layer.reads[0], weight, bias, num_groups=own.num_groups, epsilon=float(own.eps)
    )


@rules("layer_norm")
def layer_norm(layer: Layer) -> str:
    own = layer.layer
    axes = 1 if own.normalized_shape is None else len(own.normalized_shape)
    shape = list(layer.shape[-axes:])
    if not own.affine and axes > 1:
        raise Unsupported("over several axes without factors")
    weight = layer.weight("weight", shape) if own.affine else layer.filled(1, shape[0])
    bias = [layer.weight("bias", shape)] if own.affine and own.bias else []
    return layer.op("LayerNormalization", layer.reads[0], weight, *bias, axis=-axes, epsilon=float(own.eps))


@rules("layer_norm2d")
def layer_norm2d(layer: Layer) -> str:
    own, channels = layer.layer, [layer.shape[0]]
    last = layer.op("Transpose", layer.reads[0], perm=[0, 2, 3, 1])
    weight, bias = _affine(layer, channels)
    normed = layer.op("LayerNormalization", last, weight, bias, axis=-1, epsilon=float(own.eps))
    return layer.op("Transpose", normed, perm=[0, 3, 1, 2])


@rules("rms_norm")
def rms_norm(layer: Layer) -> str:
    own = layer.layer
    axes = 1 if own.normalized_shape is None else len(own.normalized_shape)
    squares = layer.op("Pow", layer.reads[0], layer.number(2))
    mean = layer.op("ReduceMean", squares, layer.ints(*range(-axes, 0)), keepdims=1)
    root = layer.op("Sqrt", layer.op("Add", mean, layer.number(own.eps or 1.1920929e-07)))
    normed = layer.op("Div", layer.reads[0], root)
    return layer.op("Mul", normed, layer.weight("weight", list(layer.shape[-axes:]))) if own.affine else normed


@rules("local_response_norm")
def local_response_norm(layer: Layer) -> str:
    own = layer.layer
    alpha, beta, bias = (float(each) for each in (own.alpha, own.beta, own.k))
    return layer.op("LRN", layer.reads[0], size=own.size, alpha=alpha, beta=beta, bias=bias)


@rules("global_response_norm")
def global_response_norm(layer: Layer) -> str:
    own, (channels, *sizes) = layer.layer, layer.shape
    axes, shape = layer.ints(*range(2, layer.rank + 1)), [1, channels, *[1] * len(sizes)]
    norm = layer.op("ReduceL2", layer.reads[0], axes, keepdims=1)
    mean = layer.op("Add", layer.op("ReduceMean", norm, layer.ints(1), keepdims=1), layer.number(own.eps))
    scaled = layer.op("Mul", layer.op("Mul", layer.reads[0], layer.op("Div", norm, mean)), layer.weight("gamma", shape))
    return layer.op("Add", layer.op("Add", scaled, layer.weight("beta", shape)), layer.reads[0])
