"""The register of rules, and what a rule is given: a layer with the shapes and the orders of what it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.exporters import register
from convcalc.exporters.keras import orders
from convcalc.exporters.python.code import Argument, Call, Code
from convcalc.exporters.python.unify import Row
from convcalc.network.graph import Node

CHAIN = "chain"


class Placed(NamedTuple):
    """A layer on given shapes, all without a batch axis and in the order of the spec.

    `last` and `is_last` say of its inputs and of its output whether the channels are last in Keras. `is_first` is the
    data format channels_first. `padding` is the kind of padding of a convolution, the same for all uses of its entry
    where that can be. `is_rectified` says that no value of the input is negative. `parts` are its further outputs that
    others read.
    """

    type: str
    layer: Any
    inputs: tuple[Shape, ...]
    output: Shape
    last: tuple[bool, ...]
    is_last: bool
    node: Node
    is_first: bool = False
    padding: str = ""
    parts: tuple[str, ...] = ()
    is_rectified: bool = False

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """The number of axes of the first input."""
        return len(self.inputs[0])

    @property
    def channels(self) -> int:
        """The axis of the channels of a map, with a batch."""
        return 1 if self.is_first else -1

    def axis(self, axis: int, *, of_output: bool = False) -> int:
        """An axis of the first input, or of the output, with a batch, as Keras has it; the last one is -1."""
        rank = len(self.output) if of_output else self.rank
        is_last = self.is_last if of_output else bool(self.last) and self.last[0]
        theirs = orders.placed(tuple(range(rank)), is_last).index(axis % rank)
        return -1 if theirs == rank - 1 else theirs + 1

    def place(self, axis: int) -> int:
        """An axis of the first input with a batch, counted from the front."""
        return self.axis(axis) % (self.rank + 1)

    @property
    def sizes(self) -> Shape:
        """The shape of the output as Keras has it."""
        return orders.placed(self.output, self.is_last)


Rule = Callable[[Placed], Code]


class Register(register.Register[Rule]):
    """The rules of a family."""


def layer(name: str, *arguments: Argument) -> Code:
    """A layer of Keras."""
    return Code("{0}", Call(f"layers.{name}", arguments))


def chain(*calls: tuple[str, Call]) -> Code:
    """Layers of Keras one after the other: each has a suffix to the name of the layer; one has none."""
    return Code("{0}", calls[0][1] if len(calls) == 1 and not calls[0][0] else Row(CHAIN, calls))


def on_sequence(placed: Placed, suffix: str, call: Call) -> list[tuple[str, Call]]:
    """A layer that knows maps of one axis with their channels last alone, in either data format."""
    if not placed.is_first or len(placed.output) != 2:
        return [(suffix, call)]
    swap = Call("layers.Permute", (Argument((2, 1)),))
    before, after = (f"{suffix}_{word}" if suffix else word for word in ("permute", "restore"))
    return [(before, swap), (suffix, call), (after, swap)]


def function(text: str, helpers: tuple[str, ...] = (), **values: Any) -> Code:
    """An expression of the functions of keras.ops."""
    return Code("", function=text, values=values, helpers=helpers)
