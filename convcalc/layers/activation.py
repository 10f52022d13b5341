"""Activations: functions of each element, and the few that look at a whole axis or have weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.arith.window import Window, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term, axis_from, links
from convcalc.layers.parameters import Choice, Integer, Number, Parameter


class Activation(Layer):
    """A function of each element by itself. Its parameters change no figure.

    Example:
        input: [64, 56, 56]
        layers:
          - relu

    Shape:
        any shape, kept

    Errors:
        wrong-bounds        a lower bound above its upper bound

    Source:
        PyTorch's non-linear activations.
    """


class PReLU(Layer):
    """A rectifier whose slope below zero is learned: one slope for all channels, or one for each.

    Example:
        input: [64, 56, 56]
        layers:
          - prelu: {num_parameters: 64}

    Shape:
        any shape, kept

    Formulas:
        weights             num_parameters

    Errors:
        wrong-num-parameters  neither 1 nor the number of channels

    Source:
        PyTorch's PReLU; He et al. 2015, "Delving deep into rectifiers".
    """

    takes_leading_axes = True
    num_parameters = Integer(1, help="learned slopes: 1, or the number of channels")
    init = Number(0.25, help="slope before training")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels = inputs[0][0]
        if self.num_parameters not in (1, channels):
            raise LayerError(
                "wrong-num-parameters",
                f"num_parameters {self.num_parameters} is neither 1 nor the {channels} channels of the {{input}}",
                parameter="num_parameters",
                help="`=in_channels` is always right",
            )
        return inputs[0]

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("weight", Formula("num_parameters"), Formula("out_units")),)

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {**super().values(inputs, output), "num_parameters": self.num_parameters}


class Softmax(Layer):
    """Exponentials (or their logarithms) over their sum along one axis: every element reads that whole axis.

    Example:
        input: [1000]
        layers:
          - softmax

    Shape:
        any shape, kept

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's Softmax, Softmin and LogSoftmax; the default axis is that of the channels.
    """

    axis = Integer(0, minimum=None, help="the axis along which the outputs sum to 1")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        axis_from(self.axis, len(inputs[0]))
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (_along(output, self.axis, whole(output[self.axis])),)


class Softmax2d(Layer):
    """Softmax over the channels at each position of an image.

    Example:
        input: [21, 32, 32]
        layers:
          - softmax2d

    Shape:
        [C, H, W], kept

    Errors:
        wrong-rank          the input is no image

    Source:
        PyTorch's Softmax2d.
    """

    takes_leading_axes = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (_along(output, 0, whole(output[0])),)


class GatedLinearUnit(Layer):
    """The first half of an axis, times the sigmoid of its second half.

    Example:
        input: [128]
        layers:
          - glu

    Shape:
        the input's, with half the size along `axis`

    Errors:
        odd-axis            the size along `axis` is odd
        wrong-axis          the input has no such axis

    Source:
        PyTorch's GLU; Dauphin et al. 2016, "Language modeling with gated convolutional networks".
    """

    axis = Integer(-1, minimum=None, help="the axis that is halved")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        if shape[axis] % 2:
            raise LayerError(
                "odd-axis",
                f"axis {axis} of the {{input}} has size {shape[axis]}, which has no half",
                parameter="axis",
                help="glu splits an axis of even size",
            )
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        half = output[self.axis]
        return (_along(output, self.axis, Window(1, 1, ((0, half, half),))),)


def _along(shape: Shape, axis: int, window: Window) -> Flow:
    """One to one on every axis but one, which is read through `window`."""
    flow = links(len(shape))
    flow[axis] = Link(axis % len(shape), window)
    return tuple(flow)


def _activation(check: Callable[[Any], None] = Activation.check, **parameters: Parameter[Any]) -> type[Layer]:
    """A class of its own for an activation with these parameters, with Activation's manual page."""
    return type("Activation", (Activation,), {"__doc__": Activation.__doc__, "check": check, **parameters})


def _ordered(low: str, high: str, *, may_be_equal: bool) -> Callable[[Any], None]:
    def check(layer: Any) -> None:
        first, last = getattr(layer, low), getattr(layer, high)
        if first > last or (first == last and not may_be_equal):
            relation = "at most" if may_be_equal else "below"
            raise LayerError("wrong-bounds", f"{low} {first} must be {relation} {high} {last}", parameter=low)

    return check


def _celu_check(layer: Any) -> None:
    if layer.alpha == 0:
        raise LayerError("wrong-value", "alpha must not be 0: celu divides by it", parameter="alpha")


_PLAIN = (
    "relu", "relu6", "selu", "silu", "mish", "sigmoid", "log_sigmoid", "tanh", "hardswish", "hardsigmoid",
    "tanhshrink", "softsign",
)  # fmt: skip
_PARAMETRISED = {
    "leaky_relu": _activation(negative_slope=Number(0.01, help="slope below zero")),
    "rrelu": _activation(
        _ordered("lower", "upper", may_be_equal=True),
        lower=Number(1 / 8, help="least slope below zero"),
        upper=Number(1 / 3, help="greatest slope below zero"),
    ),
    "elu": _activation(alpha=Number(1.0, help="how far it falls below zero")),
    "celu": _activation(_celu_check, alpha=Number(1.0, help="how far it falls below zero")),
    "gelu": _activation(approximate=Choice(("none", "tanh"), "none", help="how the normal distribution is computed")),
    "hardtanh": _activation(
        _ordered("min_val", "max_val", may_be_equal=False),
        min_val=Number(-1.0, help="least output"),
        max_val=Number(1.0, help="greatest output"),
    ),
    "hardshrink": _activation(lambd=Number(0.5, help="half the width of the band that becomes zero")),
    "softshrink": _activation(lambd=Number(0.5, minimum=0, help="half the width of the band that becomes zero")),
    "softplus": _activation(
        beta=Number(1.0, help="sharpness of the bend"),
        threshold=Number(20.0, help="input times beta above which it is linear"),
    ),
    "threshold": _activation(
        threshold=Number(0.0, help="inputs up to this are replaced"),
        value=Number(0.0, help="what replaces them"),
    ),
}

TYPES = {
    **{name: LayerType(name, Activation) for name in _PLAIN},
    **{name: LayerType(name, layer) for name, layer in _PARAMETRISED.items()},
    **{name: LayerType(name, Softmax) for name in ("softmax", "softmin", "log_softmax")},
    "prelu": LayerType("prelu", PReLU),
    "softmax2d": LayerType("softmax2d", Softmax2d, 2),
    "glu": LayerType("glu", GatedLinearUnit),
}
