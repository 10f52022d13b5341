"""The register of rules, and what a rule is given: a layer with the shapes that it reads and writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.exporters import register
from convcalc.exporters.python.code import Code


class Placed(NamedTuple):
    """A layer on given shapes, all without a batch axis.

    `parts` are its further outputs that are read, `readers` the
    types that read its output.
    """

    type: str
    layer: Any
    inputs: tuple[Shape, ...]
    output: Shape
    parts: tuple[str, ...] = ()
    readers: frozenset[str] = frozenset()

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """The number of axes of the first input."""
        return len(self.inputs[0])


Rule = Callable[[Placed], Code]


class Register(register.Register[Rule]):
    """The rules of a family."""


def class_name(kind: str) -> str:
    """The name of a class of torch.nn: max_pool2d -> MaxPool2d."""
    return "nn." + "".join(word[:1].upper() + word[1:] for word in kind.split("_"))
