"""Normalisations."""

from __future__ import annotations

from typing import Any

from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Order, Value, channels_first, straight
from convcalc.importers.network import Module, Tensor


def _axes(request: Request, default: int = -1) -> list[int]:
    axes = request.settings.get("axis")
    axes = default if axes is None else axes
    return list(axes) if isinstance(axes, (list, tuple)) else [axes]


def _axis_first(value: Value, axis: int) -> Order:
    """The order that puts an axis of ours before all others, which stay in that of Keras."""
    place = {old: new for new, old in enumerate([axis, *(other for other in value.order if other != axis)])}
    return tuple(place[ours] for ours in value.order)


def _normalised(
    request: Request, type_name: str, value: Value, shape: tuple[int, ...], buffers: dict[str, Tensor] | None = None,
    **parameters: Any,
) -> Value:  # fmt: skip
    """A norm with its learned scale and shift; a shift without a scale is an addition behind it."""
    emitter, settings = request.emitter, request.settings
    scale, center = settings.flag("scale", True), settings.flag("center", True)
    tensors = emitter.tensors(gamma=shape if scale else None, beta=shape if center else None)
    if center and not scale:
        with emitter.inside(Module(request.layer.name, request.layer.kind)):
            beta = tensors.pop("beta")
            result = emitter.emit(type_name, [value], name="norm", affine=False, buffers=buffers, **parameters)
            return _shifted(emitter, result, beta)
    affine: dict[str, Any] = {} if scale and center else {"bias": False} if scale else {"affine": False}
    return emitter.emit(type_name, [value], name=None, tensors=tensors, buffers=buffers, **affine, **parameters)


def _shifted(emitter: Emitter, value: Value, beta: Tensor) -> Value:
    """The sum with a learned shift of each channel, or of each place of the last axes."""
    is_map = value.order != straight(value.rank) and len(beta.shape) == 1
    shape = [value.shape[0], *[1] * (value.rank - 1)] if is_map else list(beta.shape)
    term = emitter.emit("parameter", [], straight(len(shape)), name="beta", shape=shape, tensors={"beta": beta})
    return emitter.emit("add", [value, term], value.order)


def _batch_norm(request: Request) -> Value:
    emitter, settings, value = request.emitter, request.settings, request.input
    axes = _axes(request)
    if len(axes) != 1 or settings.flag("renorm", False):
        raise NoCounterpart("BatchNormalization")
    value = emitter.arranged(value, _axis_first(value, value.axis(axes[0])))
    channels = value.shape[0]
    if value.rank > 4:
        raise NoCounterpart("BatchNormalization")
    buffers = {name: emitter.tensor(name, channels, trainable=False) for name in ("moving_mean", "moving_variance")}
    return _normalised(
        request, f"batch_norm{max(value.rank - 1, 1)}d", value, (channels,), buffers,
        eps=settings.number("epsilon", 1e-3), momentum=round(1 - settings.number("momentum", 0.99), 12),
    )  # fmt: skip


def _layer_norm(request: Request) -> Value:
    """Over the channels of a map, or over the last axes, where they are put first if need be."""
    emitter, settings, value = request.emitter, request.settings, request.input
    axes = _axes(request)
    ours = sorted({value.axis(axis) for axis in axes})
    eps = settings.number("epsilon", 1e-3)
    if settings.flag("rms_scaling", False):
        return _rms(request, value, ours, eps)
    if value.rank == 3 and ours == [0] and value.order == channels_first(3):
        return _normalised(request, "layer_norm2d", value, (value.shape[0],), eps=eps)
    value = _with_last(emitter, value, ours)
    shape = value.shape[value.rank - len(ours) :]
    normalised = list(shape) if len(shape) > 1 else None
    return _normalised(request, "layer_norm", value, shape, eps=eps, normalized_shape=normalised)


def _with_last(emitter: Emitter, value: Value, ours: list[int]) -> Value:
    """The value with those axes behind the others: in the order of Keras where that does it."""
    theirs = sorted(value.order.index(axis) for axis in ours)
    count = len(ours)
    if ours == list(range(value.rank - count, value.rank)):
        return value
    if theirs == list(range(value.rank - count, value.rank)):
        return emitter.tokens(value)
    place = {old: new for new, old in enumerate([*(a for a in range(value.rank) if a not in ours), *ours])}
    return emitter.arranged(value, tuple(place[axis] for axis in value.order))


def _rms(request: Request, value: Value, ours: list[int], eps: float) -> Value:
    emitter = request.emitter
    value = _with_last(emitter, value, ours)
    shape = value.shape[value.rank - len(ours) :]
    normalised = list(shape) if len(shape) > 1 else None
    tensors = emitter.tensors(scale=shape)
    return emitter.emit("rms_norm", [value], name=None, eps=eps, normalized_shape=normalised, tensors=tensors)


def _rms_norm(request: Request) -> Value:
    value = request.input
    ours = sorted({value.axis(axis) for axis in _axes(request)})
    return _rms(request, value, ours, request.settings.number("epsilon", 1e-6))


def _group_norm(request: Request) -> Value:
    emitter, settings, value = request.emitter, request.settings, request.input
    axes = _axes(request)
    if len(axes) != 1:
        raise BrokenLayer("its axis is not one")
    value = emitter.arranged(value, _axis_first(value, value.axis(axes[0])))
    groups, channels = settings.whole("groups", 32), value.shape[0]
    return _normalised(
        request, "group_norm", value, (channels,), num_groups=channels if groups == -1 else groups,
        eps=settings.number("epsilon", 1e-3),
    )  # fmt: skip


def _unit_norm(request: Request) -> Value:
    value = request.input
    axes = [value.axis(axis) for axis in _axes(request)]
    return request.emitter.emit("normalize", [value], name=None, axis=axes[0] if len(axes) == 1 else sorted(axes))


def _normalization(request: Request) -> Value:
    """Means and variances that were measured before training: fixed numbers."""
    emitter, value = request.emitter, request.input
    axes = [] if request.settings.values.get("axis", -1) is None else _axes(request)
    if not axes:  # one mean of all
        return emitter.emit("scalar", [value], name=None)
    if len(axes) > 1 or value.rank > 4:
        raise NoCounterpart("Normalization")
    value = emitter.arranged(value, _axis_first(value, value.axis(axes[0])))
    channels = value.shape[0]
    if not request.settings.has("mean"):
        emitter.remarks.append(
            f"Keras counts {2 * channels + 1} numbers of {emitter.path} among its parameters: means and variances, "
            "which are buffers here, and a counter"
        )
    buffers = {name: emitter.tensor(name, channels, trainable=False) for name in ("mean", "variance")}
    return emitter.emit(f"batch_norm{max(value.rank - 1, 1)}d", [value], name=None, affine=False, as_buffers=True,
                        eps=1e-7, buffers=buffers)  # fmt: skip


def _rescaling(request: Request) -> Value:
    settings, value = request.settings, request.input
    scale = settings.get("scale")
    if isinstance(scale, (list, dict)):
        raise NoCounterpart("Rescaling")
    return request.emitter.emit("scalar", [value], name=None, multiply=float(settings.number("scale")),
                                add=float(settings.number("offset", 0.0)))  # fmt: skip


TABLE: dict[str, Translator] = {
    "BatchNormalization": _batch_norm, "SyncBatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm, "RMSNormalization": _rms_norm, "UnitNormalization": _unit_norm,
    "Normalization": _normalization, "Rescaling": _rescaling,
}  # fmt: skip
