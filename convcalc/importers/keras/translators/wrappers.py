"""Layers around another layer."""

from __future__ import annotations

from convcalc.importers.keras.calls import BrokenConfig
from convcalc.importers.keras.model import Layer, layer_of
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.values import BrokenLayer, Value


def _inner(request: Request) -> Layer:
    try:
        return layer_of(request.settings.get("layer"), f"the layer inside {request.layer.name}")
    except BrokenConfig as error:
        raise BrokenLayer(str(error)) from None


def _time_distributed(request: Request) -> list[Value]:
    """The layer at each step: the first axis is one that it does not see."""
    emitter, value = request.emitter, request.input
    inner = _inner(request)
    if value.rank < 2:
        raise BrokenLayer("it reads no steps")
    if value.order[0] != 0:
        place = {old: new for new, old in enumerate([value.order[0], *sorted(value.order[1:])])}
        value = emitter.arranged(value, tuple(place[axis] for axis in value.order))
    step = Value(value.name, value.shape[1:], tuple(axis - 1 for axis in value.order[1:]))
    emitter.leading += 1
    try:
        results = request.run(inner, [step], request.layer.name)
    finally:
        emitter.leading -= 1
    steps = value.shape[0]
    return [Value(each.name, (steps, *each.shape), (0, *(axis + 1 for axis in each.order))) for each in results]


def _spectral(request: Request) -> list[Value]:
    emitter = request.emitter
    before = emitter.extra
    emitter.extra = {**before, "spectral_norm": True}
    try:
        return request.run(_inner(request), request.inputs, request.layer.name)
    finally:
        emitter.extra = before


TABLE: dict[str, Translator] = {"TimeDistributed": _time_distributed, "SpectralNormalization": _spectral}
