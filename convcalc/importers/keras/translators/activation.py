"""Activations: as layers, and inside other layers, where they become an operation of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.settings import Settings
from convcalc.importers.keras.values import BrokenLayer, Value
from convcalc.importers.network import Module

# The function of Keras -> the type, and its parameters where they are not the defaults of the type.
FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("relu", {}), "relu6": ("relu6", {}), "sigmoid": ("sigmoid", {}), "tanh": ("tanh", {}),
    "elu": ("elu", {}), "selu": ("selu", {}), "celu": ("celu", {}), "gelu": ("gelu", {}),
    "softplus": ("softplus", {}), "softsign": ("softsign", {}), "silu": ("silu", {}), "swish": ("silu", {}),
    "mish": ("mish", {}), "exponential": ("exp", {}), "hard_sigmoid": ("hardsigmoid", {}),
    "hard_silu": ("hardswish", {}), "hard_swish": ("hardswish", {}), "hard_tanh": ("hardtanh", {}),
    "hard_shrink": ("hardshrink", {}), "soft_shrink": ("softshrink", {}), "tanh_shrink": ("tanhshrink", {}),
    "log_sigmoid": ("log_sigmoid", {}), "leaky_relu": ("leaky_relu", {"negative_slope": 0.2}),
    "threshold": ("threshold", {}), "softmax": ("softmax", {}), "log_softmax": ("log_softmax", {}),
    "glu": ("glu", {}),
}  # fmt: skip
OVER_AN_AXIS = frozenset(("softmax", "log_softmax", "glu"))
NOTHING = frozenset(("linear", "identity", "None"))


class Named(NamedTuple):
    """An activation: its name, and its configuration where it is a layer."""

    name: str
    config: dict[str, Any] | None = None


def activation_of(value: Any) -> Named | None:
    """The activation that a setting names; None for none."""
    if isinstance(value, dict):
        config = value.get("config")
        if isinstance(config, dict) and isinstance(config.get("name"), str):
            return Named(str(value.get("class_name")), config)
        value = config if isinstance(config, str) else value.get("registered_name") or value.get("class_name")
    if value is None or value in NOTHING:
        return None
    if not isinstance(value, str):
        raise BrokenLayer(f"its activation is no name: {str(value)[:60]}")
    return Named(value.rpartition(">")[2])


def activated(request: Request, value: Value) -> Value:
    """The value behind the activation that a layer has inside."""
    named = activation_of(request.settings.get("activation"))
    return value if named is None else apply(request.emitter, value, named, name="")


def apply(emitter: Emitter, value: Value, named: Named, name: str | None) -> Value:
    """The value behind an activation."""
    if named.config is not None and named.name in _LAYERS:
        type_name, parameters = _LAYERS[named.name](Settings(named.config))
        return emitter.emit(type_name, [value], name=name, **parameters)
    found = FUNCTIONS.get(named.name)
    if found is None:
        return emitter.unknown(named.name, [value], value.sizes, {})
    type_name, parameters = found
    if type_name in OVER_AN_AXIS:
        parameters = {"axis": value.axis(-1)}
    return emitter.emit(type_name, [value], name=name, **parameters)


def _activation(request: Request) -> Value:
    named = activation_of(request.settings.get("activation"))
    return request.input if named is None else apply(request.emitter, request.input, named, name=None)


def relu_of(settings: Settings) -> tuple[str, dict[str, Any]]:
    """The type of a ReLU by its bounds."""
    slope = settings.number("negative_slope", settings.number("alpha", 0.0))
    threshold, highest = settings.number("threshold", 0.0), settings.get("max_value")
    if threshold:
        return "threshold", {"threshold": threshold}
    if slope:
        return "leaky_relu", {"negative_slope": slope}
    if highest is None:
        return "relu", {}
    highest = settings.number("max_value")
    return ("relu6", {}) if highest == 6 else ("clamp", {"min": 0, "max": highest})


def _leaky(settings: Settings) -> tuple[str, dict[str, Any]]:
    key = "negative_slope" if settings.has("negative_slope") else "alpha"
    return "leaky_relu", {"negative_slope": settings.number(key, 0.3)}


_LAYERS: dict[str, Callable[[Settings], tuple[str, dict[str, Any]]]] = {
    "ReLU": relu_of,
    "LeakyReLU": _leaky,
    "ELU": lambda settings: ("elu", {"alpha": settings.number("alpha", 1.0)}),
    "ThresholdedReLU": lambda settings: ("threshold", {"threshold": settings.number("theta", 1.0)}),
}


def _layer(kind: str) -> Translator:
    def translate(request: Request) -> Value:
        type_name, parameters = _LAYERS[kind](request.settings)
        return request.emitter.emit(type_name, [request.input], name=None, **parameters)

    return translate


def _softmax(request: Request) -> Value:
    axis = request.settings.get("axis")
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    value = request.input
    if isinstance(axis, list):  # over several axes together
        return request.emitter.unknown("Softmax", [value], value.sizes, {})
    return request.emitter.emit("softmax", [value], name=None, axis=value.axis(-1 if axis is None else axis))


def _prelu(request: Request) -> Value:
    """One slope for each channel is `prelu`; other slopes are written out, as x⁺ + slope · x⁻."""
    emitter, value = request.emitter, request.input
    shared = request.settings.get("shared_axes") or []
    if not isinstance(shared, list):
        raise BrokenLayer("its shared_axes are no list")
    ours = {value.axis(axis) for axis in shared}
    shape = tuple(1 if axis in ours else size for axis, size in enumerate(value.shape))
    alpha = tuple(shape[axis] for axis in value.order)
    if all(size == 1 for size in shape[1:]) and shape[0] in (1, value.shape[0]):
        tensors = emitter.tensors(alpha=alpha)
        return emitter.emit("prelu", [value], name=None, num_parameters=shape[0], tensors=tensors)
    tensors = emitter.tensors(alpha=alpha)
    with emitter.inside(Module(request.layer.name, "PReLU")):
        above = emitter.emit("relu", [value])
        below = emitter.emit("clamp", [value], max=0)
        slope = emitter.emit("parameter", [], value.order, name="alpha", shape=list(shape), tensors=tensors)
        return emitter.emit("add", [above, emitter.emit("mul", [below, slope])], value.order)


TABLE: dict[str, Translator] = {
    "Activation": _activation, "Softmax": _softmax, "PReLU": _prelu, **{kind: _layer(kind) for kind in _LAYERS},
}  # fmt: skip
