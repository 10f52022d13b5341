"""How each layer of Keras is said in operations: one function for each class, by family."""

from __future__ import annotations

from convcalc.importers.keras.model import Layer
from convcalc.importers.keras.request import Translator
from convcalc.importers.keras.translators import (
    activation,
    attention,
    convolution,
    dense,
    exported,
    merge,
    normalisation,
    operators,
    pooling,
    recurrent,
    reshaping,
    wrappers,
)
from convcalc.importers.keras.translators.functions import operator_of

TABLE: dict[str, Translator] = {
    name: translator
    for family in (
        activation, attention, convolution, dense, exported, merge, normalisation, pooling, recurrent, reshaping,
        wrappers,
    )
    for name, translator in family.TABLE.items()
}  # fmt: skip


def find(layer: Layer) -> Translator | None:
    """The translation of a layer; None where the language has nothing like it."""
    operator = operator_of(layer)
    if operator is not None:
        return operators.find(operator)
    return TABLE.get(layer.kind)
