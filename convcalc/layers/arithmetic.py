"""Arithmetic on each element: of one input, of several, and with constants."""

from __future__ import annotations

from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import Layer, LayerError, LayerType
from convcalc.layers.broadcasting import Broadcasting
from convcalc.layers.parameters import Boolean, Integers, Number, OrNull, Parameter


class Function(Layer):
    """A function of each element by itself. Its parameters change no figure.

    Example:
        input: [64, 56, 56]
        layers:
          - exp

    Shape:
        any shape, kept

    Errors:
        wrong-bounds        a lower bound above its upper bound

    Source:
        PyTorch's pointwise operations.
    """


class Clamp(Function):
    """Each element, kept between two bounds.

    Example:
        input: [64, 56, 56]
        layers:
          - clamp: {min: 0, max: 6}

    Shape:
        any shape, kept

    Errors:
        wrong-bounds        min is above max

    Source:
        PyTorch's clamp.
    """

    min = OrNull(Number(help="the least; no bound when null"))
    max = OrNull(Number(help="the greatest; no bound when null"))

    def check(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise LayerError("wrong-bounds", f"min {self.min} must be at most max {self.max}", parameter="min")


class Scalar(Function):
    """Each element times one number, plus another.

    Example:
        input: [64, 56, 56]
        layers:
          - scalar: {multiply: 0.5}

    Shape:
        any shape, kept

    Errors:
        none of its own

    Source:
        PyTorch's arithmetic of a tensor and a number, such as `0.5 * x + 1`.
    """

    multiply = Number(1.0, help="what each element is multiplied by")
    add = Number(0.0, help="what is added to each element afterwards")

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "it multiplies by 1 and adds 0" if self.multiply == 1 and self.add == 0 else ""


class Operation(Broadcasting):
    """An operation of two or more inputs, element by element; axes of size 1 are repeated.

    Example:
        input: {left: [64, 56, 56], right: [64, 1, 1]}
        layers:
          - maximum: {from: [left, right]}

    Shape:
        the inputs' common shape: aligned at the last axis, sizes must agree or be 1

    Errors:
        shapes-do-not-agree  two sizes of an axis differ, and neither is 1

    Source:
        PyTorch's maximum, minimum, div, remainder, atan2, masked_fill, logical operations and comparisons.
    """


class Choose(Broadcasting):
    """For each element that of the second input or that of the third, as the first says; or a mix of the two.

    Example:
        input: {condition: [64, 1, 1], one: [64, 56, 56], other: [64, 56, 56]}
        layers:
          - where: {from: [condition, one, other]}

    Shape:
        the inputs' common shape: aligned at the last axis, sizes must agree or be 1

    Errors:
        shapes-do-not-agree  two sizes of an axis differ, and neither is 1

    Source:
        PyTorch's where (condition first) and lerp (weight last).
    """

    arity = (3, 3)


class Power(Broadcasting):
    """The elements of the first input to the powers of the second, or to one `exponent`.

    Example:
        input: [64, 56, 56]
        layers:
          - pow: {exponent: 2}

    Shape:
        the input's, or the inputs' common shape

    Errors:
        missing-parameter   neither an exponent nor a second input is given
        shapes-do-not-agree  two sizes of an axis differ, and neither is 1

    Source:
        PyTorch's pow.
    """

    arity = (1, 2)
    exponent = OrNull(Number(help="the power of every element, instead of a second input"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if (len(inputs) == 1) == (self.exponent is None):
            raise LayerError(
                "missing-parameter",
                "pow takes either an exponent or a second input",
                parameter=None if self.exponent is None else "exponent",
                help="write `pow: {exponent: 2}`, or `from: [base, exponents]`",
            )
        return super().output_shape(inputs)


class Constant(Layer):
    """A tensor of fixed numbers: coordinates, a mask, a table of frequencies. It reads nothing.

    Its elements are buffers, or nothing that is kept; they are no parameters.

    Example:
        input: [3, 64, 64]
        layers:
          - constant: {shape: [2, 64, 64]}

    Shape:
        `shape`, whatever comes before it

    Formulas:
        buffers             out_units, or none without `buffer`

    Errors:
        too-many-inputs     `from` is given

    Source:
        PyTorch's register_buffer; `buffer: false` is a tensor that the forward pass makes, as torch.arange does.
    """

    arity = (0, 0)
    shape = Integers(help="its sizes")
    buffer = Boolean(True, help="whether it is kept with the weights; else each forward pass makes it anew")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    def buffers(self) -> dict[str, Formula]:
        return {"constant": Formula("out_units")} if self.buffer else {}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {"out_units": elements(output)}


def _exactly(count: int) -> type[Layer]:
    """An operation of exactly `count` inputs; all operations share a manual page."""
    return type("Operation", (Operation,), {"__doc__": Operation.__doc__, "arity": (count, count)})


def _function(**parameters: Parameter[Any]) -> type[Layer]:
    """A function with parameters of its own; all functions share a manual page."""
    return type("Function", (Function,), {"__doc__": Function.__doc__, **parameters})


FUNCTIONS = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
)  # fmt: skip
OF_TWO = (
    "div", "floor_divide", "remainder", "fmod", "atan2", "eq", "ne", "lt", "le", "gt", "ge", "logical_and",
    "logical_or",
)  # fmt: skip
TYPES = {
    **{name: LayerType(name, Function) for name in FUNCTIONS},
    "clamp": LayerType("clamp", Clamp),
    "scalar": LayerType("scalar", Scalar),
    "nan_to_num": LayerType("nan_to_num", _function(nan=Number(0.0, help="what replaces values that are no numbers"))),
    "maximum": LayerType("maximum", Operation),
    "minimum": LayerType("minimum", Operation),
    **{name: LayerType(name, _exactly(2)) for name in OF_TWO},
    "where": LayerType("where", Choose),
    "masked_fill": LayerType("masked_fill", _exactly(2)),
    "lerp": LayerType("lerp", Choose),
    "pow": LayerType("pow", Power),
    "constant": LayerType("constant", Constant),
}
