"""Activations that a model file writes as PyTorch code: `nn.LeakyReLU(0.1)`. The text is compared, never run."""

from __future__ import annotations

import re
from typing import Any

from convcalc.layers.parameters import LayerError

# The class of PyTorch -> the layer type, and the name of the parameter that its first argument sets.
_TYPES: dict[str, tuple[str, str]] = {
    "SiLU": ("silu", ""),
    "ReLU": ("relu", ""),
    "ReLU6": ("relu6", ""),
    "LeakyReLU": ("leaky_relu", "negative_slope"),
    "ELU": ("elu", "alpha"),
    "CELU": ("celu", "alpha"),
    "SELU": ("selu", ""),
    "GELU": ("gelu", ""),
    "Mish": ("mish", ""),
    "Hardswish": ("hardswish", ""),
    "Sigmoid": ("sigmoid", ""),
    "Tanh": ("tanh", ""),
    "Softplus": ("softplus", ""),
    "PReLU": ("prelu", ""),
}
_CALL = re.compile(r"(?:torch\.)?(?:nn\.)?(?P<kind>\w+)\((?P<args>[^()]*)\)")
_ARGUMENT = re.compile(r"(?:\w+ *= *)?(?P<number>\d*\.?\d+)")


def activation_of(text: str) -> tuple[str, dict[str, Any]]:
    """The layer type and its parameters. Raises LayerError for another text."""
    match = _CALL.fullmatch(text.strip())
    kind, parameter = _TYPES.get(match["kind"], ("", "")) if match else ("", "")
    if match is None or not kind:
        known = ", ".join(f"nn.{name}()" for name in _TYPES)
        raise LayerError("unknown-type", f"`{text[:80]}` is no activation that can be read", help=f"these are: {known}")
    arguments = [part.strip() for part in match["args"].split(",") if part.strip()]
    arguments = [part for part in arguments if not part.startswith("inplace") and part not in ("True", "False")]
    number = _ARGUMENT.fullmatch(arguments[0]) if len(arguments) == 1 else None
    if not arguments:
        return kind, {}
    if number is None or not parameter:
        raise LayerError("wrong-value", f"the arguments of `{text[:80]}` cannot be read")
    return kind, {parameter: float(number["number"])}
