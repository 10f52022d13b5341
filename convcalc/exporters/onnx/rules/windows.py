"""Convolutions, pooling and dense layers."""

from __future__ import annotations

from convcalc.exporters.onnx.build import BUFFER, Layer
from convcalc.exporters.onnx.rules.register import Register
from convcalc.exporters.register import Unsupported, ranks
from convcalc.layers.parameters import Pads

rules = Register()

_PAD_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def onnx_pads(pads: Pads) -> list[int]:
    """All cells before, then all cells after."""
    return [pair[0] for pair in pads] + [pair[1] for pair in pads]


def _check_weights(layer: Layer) -> None:
    own = layer.layer
    if own.sharing.mode != "full" or own.connection_table is not None or own.bias == "per_position":
        raise Unsupported("ONNX has no convolution whose weights are not shared by all positions")
    made = [name for name in ("weight_norm", "spectral_norm", "weight_standardization") if getattr(own, name)]
    if made:
        raise Unsupported(f"{made[0]} makes weights in training, which a graph for inference does not say")


@rules(*ranks("conv"))
def convolution(layer: Layer) -> str:
    own = layer.layer
    _check_weights(layer)
    if own.is_masked:
        raise Unsupported("ONNX has no masked convolution")
    pads, data = own.pads(layer.shape[1:]), layer.reads[0]
    if own.padding_mode != "zeros" and any(map(any, pads)):
        whole = ((0, 0), (0, 0), *pads)
        data = layer.op("Pad", data, layer.ints(*onnx_pads(whole)), mode=_PAD_MODES[own.padding_mode])
        pads = ((0, 0),) * len(pads)
    inputs = [data, _weight(layer, own.kernel_tensor(layer.shape[0]))]
    if own.bias is not False:
        inputs.append(layer.weight("bias", [own.out_channels]))
    return layer.op(
        "Conv", *inputs, kernel_shape=own.kernel_size, strides=own.stride, pads=onnx_pads(pads),
        dilations=own.dilation, group=own.groups,
    )  # fmt: skip


def _weight(layer: Layer, shape: tuple[int, ...]) -> str:
    is_fixed = layer.layer.fixed_weights
    return layer.weight("weight", shape, note=BUFFER) if is_fixed else layer.weight("weight", shape)


@rules(*ranks("conv_transpose"))
def transposed_convolution(layer: Layer) -> str:
    own = layer.layer
    _check_weights(layer)
    pads = own.pads(layer.shape[1:])
    whole = [
        (length - 1) * stride + dilation * (kernel - 1) + 1
        for length, stride, dilation, kernel in zip(layer.shape[1:], own.stride, own.dilation, own.kernel_size)
    ]
    added = [out - (full - sum(pair)) for out, full, pair in zip(layer.output[1:], whole, pads)]
    if min(added) < 0:
        raise Unsupported("its output is smaller than ONNX can make it")
    shape = (layer.shape[0], own.out_channels // own.groups, *own.kernel_size)
    inputs = [layer.reads[0], _weight(layer, shape)]
    if own.bias is not False:
        inputs.append(layer.weight("bias", [own.out_channels]))
    return layer.op(
        "ConvTranspose", *inputs, kernel_shape=own.kernel_size, strides=own.stride, pads=onnx_pads(pads),
        dilations=own.dilation, group=own.groups, output_padding=added,
    )  # fmt: skip


@rules(*ranks("max_pool"), *ranks("avg_pool"))
def pooling(layer: Layer) -> str:
    own, is_max = layer.layer, layer.type.startswith("max")
    settings = {"dilations": own.dilation} if is_max else {"count_include_pad": int(own.count_include_pad)}
    return layer.op(
        "MaxPool" if is_max else "AveragePool", layer.reads[0], kernel_shape=own.kernel_size, strides=own.stride,
        pads=onnx_pads(own.pads(layer.shape[1:])), ceil_mode=int(own.ceil_mode), **settings,
    )  # fmt: skip


@rules("global_avg_pool", "global_max_pool")
def global_pooling(layer: Layer) -> str:
    return layer.op("GlobalAveragePool" if "avg" in layer.type else "GlobalMaxPool", layer.reads[0])


@rules(*ranks("adaptive_avg_pool"), *ranks("adaptive_max_pool"))
def adaptive_pooling(layer: Layer) -> str:
    sizes, wanted = layer.shape[1:], layer.output[1:]
    if any(have % want for have, want in zip(sizes, wanted)):
        raise Unsupported("its windows differ in size, and those of ONNX do not")
    kernel = [have // want for have, want in zip(sizes, wanted)]
    operator = "AveragePool" if "avg" in layer.type else "MaxPool"
    return layer.op(operator, layer.reads[0], kernel_shape=kernel, strides=kernel)


@rules("linear")
def linear(layer: Layer) -> str:
    own = layer.layer
    if own.weight_norm or own.spectral_norm:
        raise Unsupported("a norm makes its weights in training, which a graph for inference does not say")
    features, out = layer.shape[-1], own.out_features
    if layer.rank == 1:
        bias = [layer.weight("bias", [out])] if own.bias else []
        return layer.op("Gemm", layer.reads[0], _weight(layer, (out, features)), *bias, transB=1)
    turned = layer.op("Transpose", _weight(layer, (out, features)), perm=[1, 0])
    product = layer.op("MatMul", layer.reads[0], turned)
    return layer.op("Add", product, layer.weight("bias", [out])) if own.bias else product


@rules("embedding")
def embedding(layer: Layer) -> str:
    own = layer.layer
    return layer.op("Gather", layer.weight("weight", [own.num_embeddings, own.embedding_dim]), layer.reads[0], axis=0)
