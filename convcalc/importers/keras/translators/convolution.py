"""Convolutions, in all their kinds."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.settings import one
from convcalc.importers.keras.translators.activation import activated
from convcalc.importers.keras.values import NoCounterpart, Value
from convcalc.importers.network import Module


def _window(request: Request, rank: int) -> dict[str, Any]:
    """The parameters that every convolution has."""
    settings = request.settings
    padding = settings.text("padding", "valid")
    window: dict[str, Any] = {
        "kernel_size": one(settings.sizes("kernel_size", rank)),
        "stride": one(settings.sizes("strides", rank, 1)),
        "dilation": one(settings.sizes("dilation_rate", rank, 1)),
        "bias": settings.flag("use_bias", True),
    }
    if padding == "causal":
        window["causal"] = True
    elif padding == "same":
        window["padding"] = padding
    elif padding != "valid":
        raise NoCounterpart(padding)
    return window


def _kernel(request: Request, rank: int) -> list[int]:
    return request.settings.sizes("kernel_size", rank)


def _bias(request: Request, count: int) -> tuple[int] | None:
    return (count,) if request.settings.flag("use_bias", True) else None


def conv(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        filters, groups = settings.whole("filters"), settings.whole("groups", 1)
        kernel = (*_kernel(request, rank), value.shape[0] // max(groups, 1), filters)
        result = emitter.emit(
            f"conv{rank}d", [value], name=None, out_channels=filters, groups=groups, **_window(request, rank),
            tensors=emitter.tensors(kernel=kernel, bias=_bias(request, filters)),
        )  # fmt: skip
        return activated(request, result)

    return translate


def conv_transpose(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        filters, groups = settings.whole("filters"), settings.whole("groups", 1)
        kernel = (*_kernel(request, rank), filters // max(groups, 1), value.shape[0])
        result = emitter.emit(
            f"conv_transpose{rank}d", [value], name=None, out_channels=filters, groups=groups,
            **{**_window(request, rank), **_transposed_padding(request, rank)},
            tensors=emitter.tensors(kernel=kernel, bias=_bias(request, filters)),
        )  # fmt: skip
        return activated(request, result)

    return translate


def _transposed_padding(request: Request, rank: int) -> dict[str, Any]:
    """The padding of a transposed convolution. Without output_padding the output is at least stride times as large."""
    settings = request.settings
    is_same = settings.text("padding", "valid") == "same"
    strides, dilations = settings.sizes("strides", rank, 1), settings.sizes("dilation_rate", rank, 1)
    extents = [(size - 1) * dilation + 1 for size, dilation in zip(_kernel(request, rank), dilations)]
    if settings.has("output_padding"):
        padding = one([extent // 2 for extent in extents]) if is_same else 0
        return {"padding": padding, "output_padding": one(settings.sizes("output_padding", rank))}
    missing = [max(stride - extent, 0) for stride, extent in zip(strides, extents)]
    if any(missing):
        padding = [[max(extent - stride, 0) // 2, (max(extent - stride, 0) + 1) // 2]
                   for stride, extent in zip(strides, extents)] if is_same else 0  # fmt: skip
        return {"padding": padding, "output_padding": one(missing)}
    return {"padding": "same"} if is_same else {}


def depthwise(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        channels, multiplier = value.shape[0], settings.whole("depth_multiplier", 1)
        tensors = emitter.tensors(
            kernel=(*_kernel(request, rank), channels, multiplier), bias=_bias(request, channels * multiplier)
        )
        result = emitter.emit(
            f"conv{rank}d", [value], name=None, out_channels=channels * multiplier, groups=channels,
            **_window(request, rank), tensors=tensors,
        )  # fmt: skip
        return activated(request, result)

    return translate


def separable(rank: int) -> Translator:
    """A depthwise convolution without bias, and one of size 1 after it."""

    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        channels, multiplier = value.shape[0], settings.whole("depth_multiplier", 1)
        filters = settings.whole("filters")
        tensors = emitter.tensors(
            depthwise_kernel=(*_kernel(request, rank), channels, multiplier),
            pointwise_kernel=(*(1,) * rank, channels * multiplier, filters),
            bias=_bias(request, filters),
        )
        own = {"depthwise_kernel": tensors.pop("depthwise_kernel")}
        with emitter.inside(Module(request.layer.name, request.layer.kind)):
            between = emitter.emit(
                f"conv{rank}d", [value], name="depthwise", out_channels=channels * multiplier, groups=channels,
                **{**_window(request, rank), "bias": False}, tensors=own,
            )  # fmt: skip
            result = emitter.emit(
                f"conv{rank}d", [between], name="pointwise", out_channels=filters, kernel_size=1,
                bias=settings.flag("use_bias", True), tensors=tensors,
            )  # fmt: skip
        return activated(request, result)

    return translate


def locally_connected(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        filters = settings.whole("filters")
        implementation = settings.whole("implementation", 1)
        # emitted once without tensors: their shapes follow from the output's
        result = emitter.emit(f"locally_connected{rank}d", [value], name=None, out_channels=filters,
                              **_window(request, rank))  # fmt: skip
        spatial = result.shape[1:]
        window = prod(_kernel(request, rank)) * value.shape[0]
        bias = (*spatial, filters) if settings.flag("use_bias", True) else None
        emitter.operations[-1].tensors = emitter.tensors(kernel=(prod(spatial), window, filters), bias=bias)
        if implementation == 2:
            emitter.remarks.append(
                f"{emitter.path} is saved as one matrix of {prod(value.shape) * prod(result.shape):,} numbers, most of "
                "them zero (implementation 2): only those of its windows are counted"
            )
        return activated(request, result)

    return translate


def _table() -> dict[str, Translator]:
    table: dict[str, Translator] = {}
    for rank in (1, 2, 3):
        table[f"Conv{rank}D"] = table[f"Convolution{rank}D"] = conv(rank)
        table[f"Conv{rank}DTranspose"] = table[f"Convolution{rank}DTranspose"] = conv_transpose(rank)
    for rank in (1, 2):
        table[f"DepthwiseConv{rank}D"] = depthwise(rank)
        table[f"SeparableConv{rank}D"] = table[f"SeparableConvolution{rank}D"] = separable(rank)
        table[f"LocallyConnected{rank}D"] = locally_connected(rank)
    return table


TABLE = _table()
