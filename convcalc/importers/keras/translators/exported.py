"""The layers that an exported source defines itself: their package is `convcalc`."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.importers.keras.model import EXPORTED
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.settings import one
from convcalc.importers.keras.values import BrokenLayer, Value, straight


def _response_norm(request: Request) -> Value:
    settings, emitter = request.settings, request.emitter
    value = emitter.map(request.input, _format(request))
    return emitter.emit(
        "local_response_norm", [value], name=None, size=settings.whole("size"), alpha=settings.number("alpha", 1e-4),
        beta=settings.number("beta", 0.75), k=settings.number("k", 1.0),
    )  # fmt: skip


def _global_norm(request: Request) -> Value:
    emitter = request.emitter
    value = emitter.map(request.input, _format(request))
    tensors = emitter.tensors(gamma=value.shape[:1], beta=value.shape[:1])
    eps = request.settings.number("epsilon", 1e-6)
    return emitter.emit("global_response_norm", [value], name=None, eps=eps, tensors=tensors)


def _format(request: Request) -> str:
    return "channels_first" if request.settings.get("axis") == 1 else "channels_last"


def _layer_scale(request: Request) -> Value:
    emitter, settings, value = request.emitter, request.settings, request.input
    axis = value.axis(settings.whole("axis", -1))
    tensors = emitter.tensors(gamma=(value.shape[axis],))
    init = settings.number("init_value", 1e-6)
    return emitter.emit("layer_scale", [value], name=None, axis=axis, init_value=init, tensors=tensors)


def _class_token(request: Request) -> Value:
    emitter = request.emitter
    value = emitter.tokens(request.input)
    return emitter.emit("class_token", [value], name=None, tensors=emitter.tensors(token=value.shape[-1:]))


def _positional_embedding(request: Request) -> Value:
    emitter, value = request.emitter, request.input
    return emitter.emit("positional_embedding", [value], name=None, tensors=emitter.tensors(position=value.shape))


def _learned_tensor(request: Request) -> Value:
    emitter, shape = request.emitter, request.settings.get("shape")
    if not isinstance(shape, list):
        raise BrokenLayer("its shape is no list")
    tensors = emitter.tensors(tensor=shape)
    return emitter.emit("parameter", [], straight(len(shape)), name=None, shape=shape, tensors=tensors)


def _window(request: Request, rank: int) -> dict[str, Any]:
    settings = request.settings
    return {
        "out_channels": settings.whole("filters"), "kernel_size": one(settings.sizes("kernel_size", rank)),
        "stride": one(settings.sizes("strides", rank, 1)), "dilation": one(settings.sizes("dilation_rate", rank, 1)),
    }  # fmt: skip


def _unshared(rank: int, mode: str) -> Translator:
    """A convolution with weights for each position, or for each cell of a grid."""

    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        groups, use_bias = settings.whole("groups", 1), settings.flag("use_bias", True)
        bias: bool | str = "per_channel" if use_bias and settings.flag("shared_bias", False) else use_bias
        sharing = "none" if mode == "none" else {mode: settings.sizes("grid", rank)}
        result = emitter.emit(
            f"conv{rank}d", [value], name=None, groups=groups, bias=bias, sharing=sharing, **_window(request, rank)
        )
        sets = prod(result.shape[1:]) if mode == "none" else prod(settings.sizes("grid", rank))
        taps = prod(settings.sizes("kernel_size", rank))
        filters = settings.whole("filters")
        emitter.operations[-1].tensors = emitter.tensors(
            kernel=(sets, taps, value.shape[0] // max(groups, 1), filters),
            bias=(1 if bias == "per_channel" else sets, filters) if use_bias else None,
        )
        return result

    return translate


def _position_bias(rank: int) -> Translator:
    """A convolution with a bias for each position."""

    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        groups, filters = settings.whole("groups", 1), settings.whole("filters")
        result = emitter.emit(
            f"conv{rank}d", [value], name=None, groups=groups, bias="per_position", **_window(request, rank)
        )
        kernel = (*settings.sizes("kernel_size", rank), value.shape[0] // max(groups, 1), filters)
        emitter.operations[-1].tensors = emitter.tensors(kernel=kernel, bias=result.shape)
        return result

    return translate


def _table(rank: int) -> Translator:
    """A convolution with a connection table."""

    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        table = settings.get("table")
        if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
            raise BrokenLayer("its table is no list of lists")
        value = emitter.map(request.input, settings.format)
        use_bias, filters = settings.flag("use_bias", True), settings.whole("filters")
        tensors = emitter.tensors(
            kernel=(*settings.sizes("kernel_size", rank), sum(map(len, table))), bias=(filters,) if use_bias else None
        )
        return emitter.emit(
            f"conv{rank}d", [value], name=None, bias=use_bias, connection_table=table, tensors=tensors,
            **_window(request, rank),
        )  # fmt: skip

    return translate


TABLE: dict[str, Translator] = {
    f"{EXPORTED}{name}": translator
    for name, translator in {
        "LocalResponseNorm": _response_norm, "GlobalResponseNorm": _global_norm, "LayerScale": _layer_scale,
        "ClassToken": _class_token, "PositionalEmbedding": _positional_embedding, "LearnedTensor": _learned_tensor,
        **{f"LocallyConnected{rank}D": _unshared(rank, "none") for rank in (1, 2, 3)},
        **{f"TiledConv{rank}D": _unshared(rank, "tile") for rank in (1, 2, 3)},
        **{f"RegionalConv{rank}D": _unshared(rank, "regions") for rank in (1, 2, 3)},
        **{f"PositionBiasConv{rank}D": _position_bias(rank) for rank in (1, 2, 3)},
        **{f"TableConv{rank}D": _table(rank) for rank in (1, 2, 3)},
    }.items()
}  # fmt: skip
