"""Layers that put elements elsewhere, and layers that do nothing when the network is used."""

from __future__ import annotations

from math import prod

from convcalc.arith.shape import Shape
from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.values import (
    BrokenLayer,
    NoCounterpart,
    Value,
    channels_first,
    default_order,
    placed,
    straight,
)

# Layers that act in training alone.
TRAINING_ALONE = (
    "ActivityRegularization", "GaussianNoise", "Masking", "RandomFlip", "RandomRotation", "RandomZoom",
    "RandomTranslation", "RandomContrast", "RandomBrightness", "RandomHeight", "RandomWidth", "RandomShear",
    "RandomSaturation", "RandomHue", "RandomSharpness", "RandomGrayscale", "RandomColorJitter", "RandomInvert",
    "RandomPosterization", "RandomErasing", "RandomGaussianBlur", "RandomPerspective", "RandomColorDegeneration",
    "RandomElasticTransform", "AutoContrast", "Solarization", "Equalization", "RandAugment", "AugMix",
)  # fmt: skip


def _flatten(request: Request) -> Value:
    value = request.input
    return value if value.rank == 1 else request.emitter.emit("flatten", [value], (0,), name=None)


def _reshape(request: Request) -> Value:
    target = request.settings.get("target_shape")
    if not isinstance(target, (list, tuple)):
        raise BrokenLayer("its target_shape is no list")
    return reshaped(request.emitter, request.input, list(target))


def reshaped(emitter: Emitter, value: Value, target: list[object]) -> Value:
    """The elements in another shape, in the order of Keras.

    A vector, or what has one channel then, becomes a map in the order in which it is read next. Where the channels
    stay, the positions alone change.
    """
    sizes = _filled(target, prod(value.shape))
    rank = len(sizes)
    if value.sizes == sizes:
        return value
    if rank == 1:
        return emitter.emit("flatten", [value], (0,), name=None)
    if value.order == channels_first(value.rank) and value.sizes[-1] == 1:
        value = value._replace(order=straight(value.rank), origin="")  # the place of one channel orders no elements
    is_vector = sum(size > 1 for size in value.shape) <= 1
    is_of_one_channel = rank > 2 and sizes[-1] == 1
    if is_of_one_channel:
        value = emitter.tokens(value)
    if is_vector or is_of_one_channel:
        origin = f"step {emitter.steps}"
        order = emitter.opened(origin, rank)
        result = emitter.emit("reshape", [value], order, name=None, shape=list(placed(sizes, order)))
        return result._replace(origin=origin)
    if value.rank > 1 and value.order == channels_first(value.rank) and value.sizes[-1] == sizes[-1]:
        order = channels_first(rank)
        if rank == 2:
            origin = f"step {emitter.steps}"
            value = emitter.emit("flatten", [value], order, name=None, start_axis=1)
            return emitter.arranged(value, emitter.opened(origin, rank))._replace(origin=origin)
        return emitter.emit("reshape", [value], order, name=None, shape=list(placed(sizes, order)))
    value = emitter.tokens(value)
    return emitter.emit("reshape", [value], straight(rank), name=None, shape=list(sizes))


def _filled(target: list[object], elements: int) -> Shape:
    """The target shape with its -1 worked out."""
    sizes = [size for size in target if isinstance(size, int) and not isinstance(size, bool)]
    known = prod(size for size in sizes if size != -1)
    if len(sizes) != len(target) or sizes.count(-1) > 1 or known < 1 or elements % known or min(sizes) < -1:
        raise BrokenLayer(f"{elements:,} elements have no shape {str(target)[:60]}")
    filled = tuple(elements // known if size == -1 else size for size in sizes)
    if prod(filled) != elements or not filled:
        raise BrokenLayer(f"{elements:,} elements have no shape {str(target)[:60]}")
    return filled


def _permute(request: Request) -> Value:
    dims = request.settings.get("dims")
    return permuted(request.emitter, request.input, dims)


def permuted(emitter: Emitter, value: Value, dims: object) -> Value:
    """Axes in another order, counted from 1. Where that is an order in which layers read them, nothing moves here."""
    if not isinstance(dims, (list, tuple)) or sorted(dims) != list(range(1, value.rank + 1)):
        raise BrokenLayer(f"its dims are no order of its axes: {str(dims)[:60]}")
    order = tuple(value.order[dim - 1] for dim in dims)
    usual = default_order(value.rank)
    if order in (usual, straight(value.rank), channels_first(value.rank)):
        return value._replace(order=order, origin="")
    axes = [0] * value.rank
    for theirs, ours in enumerate(usual):
        axes[ours] = order[theirs]
    return emitter.emit("permute", [value], usual, name=None, axes=axes)


def _dropout(type_name: str) -> Translator:
    def translate(request: Request) -> Value:
        rate = request.settings.number("rate", 0.5)
        return request.emitter.emit(type_name, [request.input], name=None, p=float(rate))

    return translate


def _spatial_dropout(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        value = request.emitter.map(request.input, request.settings.format)
        rate = request.settings.number("rate", 0.5)
        return request.emitter.emit(f"dropout{rank}d", [value], name=None, p=float(rate))

    return translate


def _drop_path(request: Request) -> Value:
    settings = request.settings
    for key in ("drop_path_rate", "drop_rate", "rate"):
        if settings.has(key):
            return request.emitter.emit("drop_path", [request.input], name=None, p=float(settings.number(key)))
    raise NoCounterpart("StochasticDepth")


def _layer_scale(request: Request) -> Value:
    """The learned factor of each channel in ConvNeXt."""
    emitter, settings, value = request.emitter, request.settings, request.input
    size = settings.whole("projection_dim")
    if size != value.sizes[-1]:
        raise NoCounterpart("LayerScale")
    init = settings.number("init_values", 1e-6)
    tensors = emitter.tensors(gamma=(size,))
    return emitter.emit("layer_scale", [value], name=None, axis=value.order[-1], init_value=init, tensors=tensors)


def _same(request: Request) -> Value:
    return request.input


def _only_in_training(request: Request) -> Value:
    return request.emitter.emit("identity", [request.input], name=None)


TABLE: dict[str, Translator] = {
    "Flatten": _flatten, "Reshape": _reshape, "Permute": _permute, "Dropout": _dropout("dropout"),
    "GaussianDropout": _dropout("dropout"), "AlphaDropout": _dropout("alpha_dropout"),
    "StochasticDepth": _drop_path, "LayerScale": _layer_scale, "Identity": _same,
    **{f"SpatialDropout{rank}D": _spatial_dropout(rank) for rank in (1, 2, 3)},
    **dict.fromkeys(TRAINING_ALONE, _only_in_training),
}  # fmt: skip
