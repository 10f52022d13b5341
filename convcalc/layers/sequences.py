"""What layers on sequences of tokens have in common: they read [T, D], tokens and their features."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.layers.base import Layer, LayerError


def check_tokens(layer: Layer, shape: Shape) -> None:
    """Raise LayerError unless `shape` is a row of tokens."""
    if len(shape) != 2:
        raise LayerError(
            "wrong-rank",
            f"{layer.type.name} reads [T, D], tokens and their features, not the {{input}}",
            help="flatten and permute a map first: its positions become tokens",
        )


def check_sequences(layer: Layer, shape: Shape) -> None:
    """Raise LayerError unless `shape` is a row of tokens, or several rows of one length."""
    if len(shape) < 2:
        raise LayerError(
            "wrong-rank",
            f"{layer.type.name} reads [T, D], tokens and their features, or [..., T, D], not the {{input}}",
            help="flatten and permute a map first: its positions become tokens",
        )


def check_heads(features: int, heads: int) -> None:
    """Raise LayerError unless every head gets as many of the features."""
    if features % heads:
        raise LayerError(
            "heads-do-not-divide",
            f"num_heads {heads} does not divide the {features} features of the {{input}}",
            parameter="num_heads",
            help="use a divisor of the size of the last axis",
        )
