"""How each layer type is written, one module a family."""

from __future__ import annotations

from convcalc.exporters.keras.layers import (
    activation,
    arithmetic,
    attention,
    convolution,
    dense,
    learned,
    merging,
    normalisation,
    pooling,
    recurrent,
    resampling,
    shaping,
)
from convcalc.exporters.keras.layers.register import Rule

RULES: dict[str, Rule] = {
    **convolution.rules,
    **pooling.rules,
    **dense.rules,
    **normalisation.rules,
    **activation.rules,
    **merging.rules,
    **arithmetic.rules,
    **shaping.rules,
    **resampling.rules,
    **attention.rules,
    **recurrent.rules,
    **learned.rules,
}
