"""Names of layers, functions and variables for the names of a spec."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection
from keyword import iskeyword

# Names that the code of a function uses itself.
RESERVED = frozenset((
    "keras", "layers", "ops", "initializers", "itertools", "math", "sys", "name", "inputs", "index", "inner", "range",
    "min", "max", "abs", "int", "round", "len", "sum",
))  # fmt: skip


def variable(name: str, taken: Collection[str] = ()) -> str:
    """The name as a variable or a function.

    >>> variable("conv-1"), variable("0"), variable("class"), variable("Bottleneck")
    ('conv_1', 'layer_0', 'class_', 'bottleneck')
    """
    word = re.sub(r"\W", "_", name)
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", word).lower()
    if word[:1].isdigit():
        word = f"layer_{word}"
    while iskeyword(word) or word in RESERVED or word in taken:
        word += "_"
    return word


def function_name(name: str) -> str:
    """The name of the function of a block, or of the network: none that Python has, which the other functions may need.

    >>> function_name("bottleneck"), function_name("tuple")
    ('bottleneck', 'tuple_')
    """
    return variable(name, dir(builtins))


class LayerNames:
    """The names of layers: those of the spec, with a separator in place of the dots, which Keras does not allow.

    `changed` has the last parts that would clash with a name that Keras gives to an operation by itself.
    """

    def __init__(self, names: Collection[str], operations: Collection[str]) -> None:
        self.separator = next(
            (mark for mark in ("_", "__", "-") if len({each.replace(".", mark) for each in names}) == len(names)), "--"
        )
        self.operations = operations

    def part(self, name: str) -> str:
        """The name of a layer in its block."""
        stem = re.sub(r"_\d+$", "", name)
        return f"{name}_" if stem in self.operations else name

    def join(self, parts: Collection[str]) -> str:
        """The text of a name as Python writes it."""
        text = self.separator.join(parts)
        return f'f"{text}"' if "{" in text else f'"{text}"'

    def of(self, name: str) -> str:
        """The name of a layer of the network."""
        *path, last = name.split(".")
        return self.separator.join([*path, self.part(last)])
