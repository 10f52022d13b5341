"""Layers of Caffe with a window: convolutions, transposed convolutions and pooling."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.importers.caffe.layer import Layer
from convcalc.importers.caffe.prototext import Message
from convcalc.importers.network import Output

LOWEST = -3.4028234663852886e38  # what max pooling finds in padding


def _sizes(layer: Layer, message: Message, name: str, rank: int, default: int | None, least: int) -> tuple[int, ...]:
    """Sizes along the axes: `name_h` and `name_w`, or `name` once or for each axis."""
    stem = "kernel" if name == "kernel_size" else name
    if rank == 2 and (f"{stem}_h" in message or f"{stem}_w" in message):
        both = [message.integer(f"{stem}_{side}", -1 if default is None else default, least) for side in "hw"]
    else:
        both = message.integers(name, least)
        both = both * rank if len(both) == 1 else both
        if not both and default is not None:
            both = [default] * rank
    if len(both) != rank or min(both) < least:
        raise layer.refusal(f"{name} must be given once, or for each of {rank} axes")
    return tuple(both)


def convolution(layer: Layer) -> None:
    _convolve(layer, depthwise=False)


def depthwise_convolution(layer: Layer) -> None:
    _convolve(layer, depthwise=True)


def _convolve(layer: Layer, *, depthwise: bool) -> None:
    message = layer.parameters("convolution_param")
    channels, rank = layer.channels(), len(layer.shape) - 1
    if not 1 <= rank <= 3 or layer.axis(message, "axis") != 0:
        raise layer.refusal(f"it needs a map of channels, not {format_shape(layer.shape)}")
    filters = message.integer("num_output", 0, 1)
    kernel, stride = _sizes(layer, message, "kernel_size", rank, None, 1), _sizes(layer, message, "stride", rank, 1, 1)
    pad, dilation = _sizes(layer, message, "pad", rank, 0, 0), _sizes(layer, message, "dilation", rank, 1, 1)
    groups, has_bias = message.integer("group", channels if depthwise else 1, 1), message.flag("bias_term", True)
    if filters < 1 or channels % groups or filters % groups:
        raise layer.refusal(f"group {groups} must divide {channels} input channels and num_output {filters}")
    is_transposed = layer.definition.type == "Deconvolution"
    axes = list(zip(layer.shape[1:], kernel, stride, pad, dilation))
    if is_transposed:
        sizes = tuple((n - 1) * s + d * (k - 1) + 1 - 2 * p for n, k, s, p, d in axes)
        weight = (channels, filters // groups, *kernel)
    else:
        sizes = tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)
        weight = (filters, channels // groups, *kernel)
    tensors = {"weight": layer.tensor(0, "weight", weight)}
    if has_bias:
        tensors["bias"] = layer.tensor(1, "bias", (filters,))
    type = f"conv{'_transpose' * is_transposed}{rank}d"
    for value in layer.inputs[: max(1, len(layer.definition.tops))]:  # one convolution for each top
        layer.add(
            type, (filters, *sizes), inputs=[value], tensors=tensors, out_channels=filters, kernel_size=kernel,
            stride=stride, padding=pad, dilation=dilation, groups=groups, bias=has_bias,
        )  # fmt: skip
        layer.outputs.append(layer.value)


def pooling(layer: Layer) -> None:
    """Pooling rounds its size up, unlike convolutions; a window that would begin in the padding behind is left out."""
    message = layer.parameters("pooling_param")
    rank = len(layer.shape) - 1
    method = {"0": "MAX", "1": "AVE"}.get(text := message.text("pool", "MAX"), text)
    if rank != 2:
        raise layer.refusal(f"it needs an image, not {format_shape(layer.shape)}")
    if message.flag("global_pooling"):
        type = {"MAX": "global_max_pool", "AVE": "global_avg_pool"}.get(method)
        layer.add(type or "stochastic_pooling", (layer.shape[0], 1, 1), known=type is not None)
        return
    kernel, stride = _sizes(layer, message, "kernel_size", 2, None, 1), _sizes(layer, message, "stride", 2, 1, 1)
    pad = _sizes(layer, message, "pad", 2, 0, 0)
    rounds_up = message.text("round_mode", "CEIL") in ("CEIL", "0") and message.flag("ceil_mode", True)
    sizes = tuple(_pooled(n, k, s, p, rounds_up) for n, k, s, p in zip(layer.shape[1:], kernel, stride, pad))
    shape = (layer.shape[0], *sizes)
    layer.recorder.check(shape, layer.definition.where)
    if method not in ("MAX", "AVE"):
        layer.add("stochastic_pooling", shape, known=False)
        return
    type = "max_pool2d" if method == "MAX" else "avg_pool2d"
    _add_pooling(layer, type, shape, kernel, stride, pad)
    if method == "MAX" and len(layer.definition.tops) > 1:
        indices = f"{layer.value}.indices"
        layer.recorder.shapes[indices] = shape
        layer.recorder.operations[-1].outputs.append(Output(indices, shape, "indices"))
        layer.outputs = [layer.value, indices]


def _pooled(size: int, kernel: int, stride: int, pad: int, rounds_up: bool) -> int:
    """The size of the output along an axis."""
    room = size + 2 * pad - kernel
    count = -(-room // stride) + 1 if rounds_up else room // stride + 1
    return count - 1 if pad and (count - 1) * stride >= size + pad else count


def _add_pooling(layer: Layer, type: str, shape: Shape, kernel: Shape, stride: Shape, pad: Shape) -> None:
    """Record pooling with an output of this shape: with padding on both sides, rounded up or down, or else padded."""
    axes = list(zip(layer.shape[1:], kernel, stride, pad))
    wanted = shape[1:]
    parameters: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": pad}
    fits = all(2 * p <= k for _, k, _, p in axes)
    if fits and tuple(_pooled(n, k, s, p, False) for n, k, s, p in axes) == wanted and _is_floor(axes, wanted):
        layer.add(type, shape, **parameters)
    elif fits and tuple(_rounded_up(n, k, s, p) for n, k, s, p in axes) == wanted:
        layer.add(type, shape, ceil_mode=True, **parameters)
    else:
        behind = [max(0, (count - 1) * s + k - n - p) for (n, k, s, p), count in zip(axes, wanted)]
        padded = [n + p + after for (n, _, _, p), after in zip(axes, behind)]
        padding = tuple((p, after) for p, after in zip(pad, behind))
        layer.add("pad", (shape[0], *padded), padding=padding, value=LOWEST if type == "max_pool2d" else 0)
        layer.add(type, shape, kernel_size=kernel, stride=stride)


def _is_floor(axes: list[tuple[int, int, int, int]], wanted: Shape) -> bool:
    return all((n + 2 * p - k) // s + 1 == count for (n, k, s, p), count in zip(axes, wanted))


def _rounded_up(size: int, kernel: int, stride: int, pad: int) -> int:
    """The size that a pooling layer of the language has with `ceil_mode`."""
    count = -(-(size + 2 * pad - kernel) // stride) + 1
    return count - 1 if (count - 1) * stride >= size + pad else count


def roi_pooling(layer: Layer) -> None:
    """Pooling of each region to one size; the regions are the batch of what follows."""
    message = layer.parameters("roi_pooling_param", "psroi_pooling_param", "roi_align_param")
    layer.expect(2)
    if "output_dim" in message:
        size = message.integer("group_size", 1, 1)
        shape = (message.integer("output_dim", 1, 1), size, size)
    else:
        height, width = (message.integer(name, 0, 1) for name in ("pooled_h", "pooled_w"))
        shape = (layer.channels(), height, width)
    layer.add(layer.definition.type, shape, inputs=layer.inputs[:2], known=False)


def unpooling(layer: Layer) -> None:
    """SegNet's `Upsample`: values at the places where max pooling found them."""
    message = layer.parameters("upsample_param")
    layer.expect(2)
    scale = message.integer("scale", 2, 1)
    channels, height, width = layer.shape if len(layer.shape) == 3 else (0, 0, 0)
    sizes = tuple(
        message.integer(name, size * scale, 1) for name, size in (("upsample_h", height), ("upsample_w", width))
    )
    shape = (channels, *sizes)
    natural = sizes == (height * scale, width * scale)
    layer.add(
        "max_unpool2d", shape, inputs=layer.inputs[:2], kernel_size=scale,
        output_size=None if natural else list(sizes),
    )  # fmt: skip


def inner_product(layer: Layer) -> None:
    """All axes from `axis` on joined, then a dense layer."""
    message = layer.parameters("inner_product_param")
    layer.channels()
    *around, features = layer.flatten_from(layer.axis(message, "axis"))
    output, has_bias = message.integer("num_output", 0, 1), message.flag("bias_term", True)
    if output < 1:
        raise layer.refusal("num_output must be given")
    tensors = {"weight": layer.tensor(0, "weight", (output, features))}
    if has_bias:
        tensors["bias"] = layer.tensor(1, "bias", (output,))
    layer.add("linear", (*around, output), tensors=tensors, out_features=output, bias=has_bias)


def embed(layer: Layer) -> None:
    """A learned vector for each index, and with `bias_term` one more for all."""
    message = layer.parameters("embed_param")
    output, words = message.integer("num_output", 0, 1), message.integer("input_dim", 0, 1)
    tensors = {"weight": layer.tensor(0, "weight", (words, output))}
    layer.add("embedding", (*layer.shape, output), tensors=tensors, num_embeddings=words, embedding_dim=output)
    if message.flag("bias_term", True):
        value = layer.value
        bias = layer.add(
            "parameter", (output,), name="bias", inputs=[], tensors={"parameter": layer.tensor(1, "bias", (output,))},
            shape=[output],
        )  # fmt: skip
        layer.add("add", layer.shape_of(value), inputs=[value, bias])
