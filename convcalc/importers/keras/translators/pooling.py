"""Pooling, padding, cropping and resizing: layers that move a window or change the size of a map."""

from __future__ import annotations

from typing import Any

from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.settings import one
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Value, straight

INTERPOLATIONS: dict[str, list[str | None]] = {
    "nearest": ["nearest", "nearest", "nearest"],
    "bilinear": ["linear", "bilinear", "trilinear"],
    "bicubic": [None, "bicubic", None],
    "area": ["area", "area", "area"],
}


def pool(stem: str, rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings, emitter = request.settings, request.emitter
        value = emitter.map(request.input, settings.format)
        size = settings.sizes("pool_size", rank, 2)
        stride = settings.sizes("strides", rank, size)
        parameters: dict[str, Any] = {"kernel_size": one(size), "stride": None if stride == size else one(stride)}
        if settings.text("padding", "valid") == "same":
            parameters["padding"] = "same"
            if stem == "avg":
                parameters["count_include_pad"] = False
        return emitter.emit(f"{stem}_pool{rank}d", [value], name=None, **parameters)

    return translate


def global_pool(stem: str) -> Translator:
    """Over the whole map; tokens, whose features are last, have the mean along their axis."""

    def translate(request: Request) -> Value:
        settings, emitter, value = request.settings, request.emitter, request.input
        keep = settings.flag("keepdims", False)
        channels = value.axis(-1 if settings.format == "channels_last" else 1)
        if value.rank == 2 and channels == 1:
            order = value.order if keep else (0,)
            type_name = "mean" if stem == "avg" else "max"
            return emitter.emit(type_name, [value], order, name=None, axis=0, keepdim=keep)
        value = emitter.map(value, settings.format)
        result = emitter.emit(f"global_{stem}_pool", [value], name=None)
        return result if keep else emitter.emit("flatten", [result], (0,))

    return translate


def adaptive_pool(stem: str, rank: int) -> Translator:
    def translate(request: Request) -> Value:
        value = request.emitter.map(request.input, request.settings.format)
        size = one(request.settings.sizes("output_size", rank))
        return request.emitter.emit(f"adaptive_{stem}_pool{rank}d", [value], name=None, output_size=size)

    return translate


def _pad(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        value = request.emitter.map(request.input, request.settings.format)
        return request.emitter.emit("pad", [value], name=None, padding=one(request.settings.pairs("padding", rank)))

    return translate


def _crop(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        value = request.emitter.map(request.input, request.settings.format)
        cropping = one(request.settings.pairs("cropping", rank))
        return request.emitter.emit("crop", [value], name=None, cropping=cropping)

    return translate


def _upsample(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        settings = request.settings
        value = request.emitter.map(request.input, settings.format)
        factor = one(settings.sizes("size", rank, 2))
        mode = mode_of(settings.text("interpolation", "nearest"), rank)
        return request.emitter.emit("upsample", [value], name=None, scale_factor=factor, mode=mode)

    return translate


def mode_of(interpolation: str, rank: int) -> str:
    mode = INTERPOLATIONS.get(interpolation, [None, None, None])[rank - 1]
    if mode is None:
        raise NoCounterpart(interpolation)
    return mode


def _resizing(request: Request) -> Value:
    settings, emitter = request.settings, request.emitter
    size = [settings.whole("height"), settings.whole("width")]
    value = emitter.map(request.input, settings.format)
    mode = mode_of(settings.text("interpolation", "bilinear"), 2)
    return emitter.emit("upsample", [value], name=None, size=one(size), mode=mode)


def _center_crop(request: Request) -> Value:
    settings, emitter = request.settings, request.emitter
    value = emitter.map(request.input, settings.format)
    cells = [size - settings.whole(key) for size, key in zip(value.shape[1:], ("height", "width"))]
    if len(cells) != 2 or min(cells) < 0:
        raise BrokenLayer("it enlarges the map that it should crop")
    cropping = [left // 2 if left % 2 == 0 else [left // 2, left - left // 2] for left in cells]
    return emitter.emit("crop", [value], name=None, cropping=one(cropping))


def _repeat_vector(request: Request) -> Value:
    value = request.input
    return request.emitter.emit("expand", [value], straight(2), name=None, shape=[request.settings.whole("n"), -1])


def _table() -> dict[str, Translator]:
    table: dict[str, Translator] = {
        "Resizing": _resizing, "CenterCrop": _center_crop, "RepeatVector": _repeat_vector
    }  # fmt: skip
    for rank in (1, 2, 3):
        for stem, word in (("max", "Max"), ("avg", "Average")):
            table[f"{word}Pooling{rank}D"] = table[f"{word}Pool{rank}D"] = pool(stem, rank)
            table[f"Global{word}Pooling{rank}D"] = table[f"Global{word}Pool{rank}D"] = global_pool(stem)
            table[f"Adaptive{word}Pooling{rank}D"] = adaptive_pool(stem, rank)
        table[f"ZeroPadding{rank}D"] = _pad(rank)
        table[f"Cropping{rank}D"] = _crop(rank)
        table[f"UpSampling{rank}D"] = _upsample(rank)
    return table


TABLE = _table()
