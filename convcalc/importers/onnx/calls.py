"""One node with the values that it reads, and what its attributes and constant inputs say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.bounds import MAX_EVALUATED_ELEMENTS
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.model import Node
from convcalc.importers.onnx.trace import Trace
from convcalc.importers.onnx.values import Constant, Live, Value


@dataclass(slots=True, eq=False)
class Budget:
    """How many elements of constants may still be worked out."""

    left: int = MAX_EVALUATED_ELEMENTS


@dataclass(slots=True, eq=False)
class Call:
    """A node, and the values of its inputs; None for one that is left out."""

    trace: Trace
    node: Node
    inputs: list[Value | None]
    opset: int
    budget: Budget

    def spend(self, elements: int) -> bool:
        """Whether so many elements may still be worked out."""
        self.budget.left -= elements
        return self.budget.left >= 0

    def value(self, index: int) -> Value:
        """An input that must be there."""
        found = self.optional(index)
        if found is None:
            raise Unmatched(f"input {index + 1} is missing")
        return found

    def optional(self, index: int) -> Value | None:
        """An input that may be left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def constant(self, index: int) -> Constant | None:
        """An input that must be known before the network runs, where it is there."""
        found = self.optional(index)
        if isinstance(found, Live):
            raise Unmatched(f"input {index + 1} depends on an input of the network")
        return found

    def live(self, index: int = 0) -> Live:
        """An input as an operation reads it: with its axes in the order of ONNX."""
        return self.trace.read(self.node, self.value(index))

    def integer(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        found = self.node.attributes.get(name, default)
        if not isinstance(found, int):
            raise Unmatched(f"the attribute {name} is no whole number")
        return found

    def number(self, name: str, default: float) -> float:
        """An attribute that is a number; its seven digits are those that a float of 32 bits has."""
        found = self.node.attributes.get(name, default)
        if not isinstance(found, (int, float)):
            raise Unmatched(f"the attribute {name} is no number")
        return rounded(found)

    def text(self, name: str, default: str) -> str:
        """An attribute that is a text."""
        found = self.node.attributes.get(name, default)
        return found if isinstance(found, str) else default

    def integers(self, name: str, default: list[int]) -> list[int]:
        """An attribute that is a list of whole numbers."""
        found = self.node.attributes.get(name)
        if found is None:
            return default
        if not isinstance(found, list) or not all(isinstance(each, int) for each in found):
            raise Unmatched(f"the attribute {name} is no list of whole numbers")
        return found

    def sizes(self, index: int) -> list[int]:
        """The whole numbers that a constant input holds."""
        constant = self.constant(index)
        if constant is None or constant.data is None or not all(float(each).is_integer() for each in constant.data):
            raise Unmatched(f"the numbers of input {index + 1} are not known")
        return [int(each) for each in constant.data]

    def number_at(self, index: int) -> Any:
        """The one number that a constant input holds."""
        constant = self.constant(index)
        if constant is None or constant.data is None or len(constant.data) != 1:
            raise Unmatched(f"the number of input {index + 1} is not known")
        return constant.data[0]

    def axes_given(self, index: int) -> list[int]:
        """The axes of the attribute `axes`, in newer operators an input; empty where there are none."""
        if "axes" in self.node.attributes:
            return self.integers("axes", [])
        return self.sizes(index) if self.optional(index) is not None else []

    def axes(self, index: int, rank: int, default: list[int]) -> list[int]:
        """The same, counted from the front; `default` where there are none."""
        given = self.axes_given(index)
        if any(not -rank <= axis < rank for axis in given):
            raise Unmatched(f"an axis of {given} is outside of {rank}")
        return sorted({axis % rank for axis in given}) if given else default

    def axis(self, name: str, rank: int, default: int | None = None) -> int:
        """An attribute that is an axis, counted from the front."""
        axis = self.integer(name, default) if default is not None else self.integer(name, 0)
        if not -rank <= axis < rank:
            raise Unmatched(f"axis {axis} is outside of {rank}")
        return axis % rank

    def cut(self, rank: int) -> int:
        """The axis before which Flatten cuts a shape in two; it may be behind the last one."""
        axis = self.integer("axis", 1)
        if not -rank <= axis <= rank:
            raise Unmatched(f"axis {axis} is outside of {rank}")
        return axis + rank if axis < 0 else axis

    def permutation(self, rank: int) -> list[int]:
        """The order of axes that Transpose has."""
        order = self.integers("perm", list(reversed(range(rank))))
        if sorted(order) != list(range(rank)):
            raise Unmatched(f"{order} is no order of {rank} axes")
        return order

    def target(self, shape: Shape) -> Shape:
        """The shape that Reshape gives."""
        given = self.integers("shape", []) if "shape" in self.node.attributes else self.sizes(1)
        keeps_zero = self.integer("allowzero", 0)
        sizes = [shape[axis] if size == 0 and not keeps_zero and axis < len(shape) else size
                 for axis, size in enumerate(given)]  # fmt: skip
        if -1 in sizes:
            known = prod(size for size in sizes if size != -1)
            if not known or prod(shape) % known:
                raise Unmatched(f"{list(shape)} cannot become {given}")
            sizes[sizes.index(-1)] = prod(shape) // known
        if prod(sizes) != prod(shape) or any(size < 0 for size in sizes):
            raise Unmatched(f"{list(shape)} cannot become {given}")
        return tuple(sizes)

    def slices(self, shape: Shape) -> Iterator[tuple[int, range]]:
        """The places that Slice keeps, for each axis that it cuts."""
        if "starts" in self.node.attributes:
            starts, ends = self.integers("starts", []), self.integers("ends", [])
            axes, steps = self.integers("axes", list(range(len(starts)))), [1] * len(starts)
        else:
            starts, ends = self.sizes(1), self.sizes(2)
            axes = self.sizes(3) if self.optional(3) is not None else list(range(len(starts)))
            steps = self.sizes(4) if self.optional(4) is not None else [1] * len(starts)
        for start, end, axis, step in zip(starts, ends, axes, steps):
            if not -len(shape) <= axis < len(shape) or step == 0:
                raise Unmatched(f"a Slice of axis {axis} with step {step}")
            size = shape[axis]
            # An end before the first place, such as -2**63 with a negative step, leaves nothing out.
            stop = None if step < 0 and end < -size else end
            yield axis % len(shape), range(*slice(start, stop, step).indices(size))

    def pieces(self, size: int) -> list[int]:
        """The sizes that Split cuts an axis into."""
        if "split" in self.node.attributes:
            return self.integers("split", [])
        if self.optional(1) is not None:
            return self.sizes(1)
        count = self.integer("num_outputs", len(self.node.outputs))
        if count < 1 or count > len(self.node.outputs):
            raise Unmatched("a Split into no pieces")
        piece = -(-size // count)
        return [min(piece, size - piece * index) for index in range(count)]


def rounded(number: float) -> float:
    """A number of 32 bits with the digits that it was written with.

    >>> rounded(0.009999999776482582)
    0.01
    """
    if isinstance(number, int):
        return number
    return float(f"{number:.7g}")
