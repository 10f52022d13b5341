"""Recurrent layers: a state that is carried along a sequence of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import sliding, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term
from convcalc.layers.parameters import Boolean, Choice, Custom, Integer, Number, Parameter
from convcalc.layers.sequences import check_sequences

# Layers of one entry: more are as well written with `repeat`.
MAX_LAYERS = 16
ONE = "one"


def _bias(parameter: Parameter[Any], value: Any, rank: int) -> bool | str:
    if isinstance(value, bool) or value == ONE:
        return bool(value) if isinstance(value, bool) else ONE
    raise parameter.refuse(value, expected="true, false or 'one'")


class Recurrent(Layer):
    """A stack of recurrent layers, each running forwards or both ways. `gates` rows of weights make one new state."""

    further_outputs: ClassVar[tuple[str, ...]] = ("h",)
    gates: ClassVar[int]
    proj_size: int | Integer = 0
    hidden_size = Integer(help="features of the state")
    num_layers = Integer(1, maximum=MAX_LAYERS, help="layers on top of each other")
    bias = Custom[bool | str](
        True,
        convert=_bias,
        schema=lambda rank: {"anyOf": [{"type": "boolean"}, {"enum": [ONE]}]},
        help="true: a bias for the input and one for the state; one: a single bias, as Keras and TensorFlow have it",
    )
    bidirectional = Boolean(False, help="whether each layer also runs backwards; the outputs are joined")
    dropout = Number(0.0, minimum=0, maximum=1, help="how likely a value between two layers is zeroed in training")

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def state_size(self) -> int:
        """The features that a layer hands on at each step, in each direction."""
        return self.proj_size or self.hidden_size

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        check_sequences(self, inputs[0])
        return (*inputs[0][:-1], self.directions * self.state_size)

    def counts(self) -> Iterator[tuple[str, str]]:
        """The name of each group of parameters, as PyTorch has it, and the formula of its count."""
        rows = f"{self.gates} * hidden_size"
        for layer in range(self.num_layers):
            features = "directions * state_size" if layer else "in_features"
            for suffix in (f"l{layer}", f"l{layer}_reverse")[: self.directions]:
                yield f"weight_ih_{suffix}", f"{rows} * {features}"
                yield f"weight_hh_{suffix}", f"{rows} * state_size"
                if self.bias == ONE:
                    yield f"bias_{suffix}", rows
                elif self.bias:
                    yield f"bias_ih_{suffix}", rows
                    yield f"bias_hh_{suffix}", rows
                if self.proj_size:
                    yield f"weight_hr_{suffix}", "state_size * hidden_size"

    def terms(self) -> tuple[Term, ...]:
        return tuple(
            Term.fixed(name, Formula(count), Formula(f"steps * {count}"), is_bias=name.startswith("bias"))
            for name, count in self.counts()
        )

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {name: Formula(f"steps * {count}") for name, count in self.counts() if name.startswith("weight")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            "in_units": elements(inputs[0]),
            "out_units": elements(output),
            "steps": elements(inputs[0][:-1]),  # of all sequences
            "in_features": inputs[0][-1],
            "hidden_size": self.hidden_size,
            "state_size": self.state_size,
            "directions": self.directions,
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axis, steps = len(output) - 2, output[-2]
        # Step t sees steps 0 to t: a causal convolution whose kernel is as long as the sequence.
        window = whole(steps) if self.bidirectional else sliding(steps, 1, 1, steps - 1)
        return ((*map(Link, range(axis)), Link(axis, window), None),)

    def further_shape(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        size = self.hidden_size if part == "c" else self.state_size
        return (*output[:-2], self.directions * self.num_layers, size)

    def further_flow(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Flow:
        return (*map(Link, range(len(output) - 2)), None, None)  # the last state has seen every step


class LSTM(Recurrent):
    """Long short-term memory: a state and a memory cell, which three gates write, clear and read.

    Example:
        input: [26, 512]
        layers:
          - lstm: {hidden_size: 256, bidirectional: true}

    Shape:
        [..., T, D] to [..., T, directions · hidden_size], or directions · proj_size where that is given;
        NAME.h and NAME.c are the last state and cell: [..., directions · num_layers, size], of each layer in turn,
        forwards and backwards

    Formulas:
        weight_ih           4 · hidden_size · in_features, of later layers 4 · hidden_size · directions · state_size
        weight_hh           4 · hidden_size · state_size
        weight_hr           state_size · hidden_size, where proj_size
        biases              twice 4 · hidden_size, where bias; once where it is `one`
        macs                each weight once a step

    Errors:
        wrong-rank          the input is no sequence of tokens
        wrong-projection    proj_size is not below hidden_size

    Source:
        PyTorch's LSTM; Hochreiter and Schmidhuber 1997. Peepholes are not in it.
    """

    further_outputs = ("h", "c")
    gates = 4
    proj_size = Integer(0, minimum=0, help="features that the state is projected to; 0 for no projection")

    def check(self) -> None:
        if self.proj_size >= self.hidden_size:
            raise LayerError(
                "wrong-projection",
                f"proj_size {self.proj_size} is not below hidden_size {self.hidden_size}",
                parameter="proj_size",
                help="a projection makes the state smaller; leave it out for none",
            )


class GRU(Recurrent):
    """Gated recurrent unit: a state that two gates reset and update.

    Example:
        input: [26, 512]
        layers:
          - gru: {hidden_size: 256}

    Shape:
        [..., T, D] to [..., T, directions · hidden_size]; NAME.h is the last state:
        [..., directions · num_layers, hidden_size], of each layer in turn, forwards and backwards

    Formulas:
        weight_ih           3 · hidden_size · in_features, of later layers 3 · hidden_size · directions · hidden_size
        weight_hh           3 · hidden_size · hidden_size
        biases              twice 3 · hidden_size, where bias; once where it is `one`
        macs                each weight once a step

    Errors:
        wrong-rank          the input is no sequence of tokens

    Source:
        PyTorch's GRU, with two biases where Cho et al. 2014 have one; so has Keras's with reset_after, its default.
    """

    gates = 3


class RNN(Recurrent):
    """The plain recurrent layer: the new state is a non-linear function of the input and of the old state.

    Example:
        input: [26, 512]
        layers:
          - rnn: {hidden_size: 256}

    Shape:
        [..., T, D] to [..., T, directions · hidden_size]; NAME.h is the last state:
        [..., directions · num_layers, hidden_size], of each layer in turn, forwards and backwards

    Formulas:
        weight_ih           hidden_size · in_features, of later layers hidden_size · directions · hidden_size
        weight_hh           hidden_size · hidden_size
        biases              twice hidden_size, where bias; once where it is `one`
        macs                each weight once a step

    Errors:
        wrong-rank          the input is no sequence of tokens

    Source:
        PyTorch's RNN; Elman 1990.
    """

    gates = 1
    nonlinearity = Choice(("tanh", "relu"), "tanh", help="tanh or relu")


TYPES = {"lstm": LayerType("lstm", LSTM), "gru": LayerType("gru", GRU), "rnn": LayerType("rnn", RNN)}
