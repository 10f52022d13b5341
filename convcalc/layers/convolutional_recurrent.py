"""Recurrent layers on maps: a state that is a map, made by convolutions of each frame and of the state before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import Window, sliding
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term, Unknown
from convcalc.layers.convolution import Convolution
from convcalc.layers.parameters import Boolean, Integer, Padding, PerAxis
from convcalc.layers.recurrent import MAX_LAYERS
from convcalc.layers.windows import RANKS

_FORMS = {1: "[T, C, L]", 2: "[T, C, H, W]", 3: "[T, C, D, H, W]"}


class ConvRecurrent(Layer):
    """A recurrent layer on maps: convolutions of each frame and of the state take the place of matrices.

    An LSTM has four gates, a GRU three; each has a convolution of the frame and one of the state.

    Example:
        input: [18, 1, 64, 64]
        layers:
          - conv_lstm2d: {hidden_channels: 64, kernel_size: 5, padding: same}

    Shape:
        [T, C, H, W] to [T, hidden_channels, H', W'] with H' as of a convolution; [hidden_channels, H', W'] without
        return_sequences

    Formulas:
        weight_ih           gates · hidden_channels · in_channels · kernel
        weight_hh           gates · hidden_channels · hidden_channels · kernel
        biases              gates · hidden_channels: one a gate
        later layers        the same with hidden_channels in place of in_channels
        unshared            as many for each position of the state; fully connected: of all units with all
        macs                each weight once a step for each position

    Errors:
        wrong-rank                the input is no sequence of maps
        kernel-larger-than-input  the dilated kernel does not fit the padded frame

    Source:
        conv_lstm: Shi et al. 2015, "Convolutional LSTM Network", without peepholes; Keras's ConvLSTM1D, 2D and 3D,
        whose return_sequences is false by default. conv_gru: Ballas et al. 2016, "Delving Deeper into Convolutional
        Networks for Learning Video Representations"; the update block of RAFT (Teed and Deng 2020). The state is padded
        to keep its size. What a state sees of the map grows with each step: with return_sequences it is unknown; the
        last state's is known for stride and dilation 1. In a GRU the reset gate, itself a convolution of the state,
        multiplies the state before it is convolved: two convolutions from step to step.
    """

    gates: ClassVar[int]
    # How many convolutions of the state, one on top of the other, are between one step and the next.
    reach: ClassVar[int]
    is_weighted = True
    takes_leading_axes = True
    channel_axis = 1  # behind the steps
    example_inputs: ClassVar[Mapping[int, str]] = {1: "[18, 1, 64]", 2: "[18, 1, 64, 64]", 3: "[18, 1, 16, 16, 16]"}
    hidden_channels = Integer(help="channels of the state")
    kernel_size = PerAxis(help="size of both kernels, in cells")
    stride = PerAxis(1, help="distance between neighbouring windows on a frame")
    padding = Padding(
        0, help="cells of zeros around a frame: a number, one per axis, [before, after] pairs, same, valid"
    )
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel on a frame")
    num_layers = Integer(
        1, maximum=MAX_LAYERS, help="layers on top of each other; later ones pad the states that they read"
    )
    bias = Boolean(True, help="whether each gate has a bias for each channel: a single one, as in Keras")
    return_sequences = Boolean(True, help="whether the state of every step is the output; else that of the last one")

    @property
    def output_channel_axis(self) -> int:
        return 1 if self.return_sequences else 0

    def of_frame(self) -> Convolution:
        """The convolution of one frame."""
        settings = {name: getattr(self, name) for name in ("kernel_size", "stride", "padding", "dilation")}
        rank = self.type.rank
        kind = LayerType(f"conv{rank}d", Convolution, rank)
        layer = kind.build({"out_channels": self.hidden_channels, **settings})
        assert isinstance(layer, Convolution)
        return layer

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        if len(shape) != self.type.rank + 2:
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads {_FORMS[self.type.rank]}, a sequence of maps, not the {{input}}",
                help="unflatten, reshape or permute it first, or use the type of the right rank",
            )
        state = self.of_frame().output_shape((shape[1:],))
        return (shape[0], *state) if self.return_sequences else state

    def terms(self) -> tuple[Term, ...]:
        rows, of_state = f"{self.gates} * hidden_channels", ("hidden_channels", "state_units")
        found = []
        for layer in range(self.num_layers):
            suffix = f"_l{layer}" if self.num_layers > 1 else ""
            read = of_state if layer else ("in_channels", "frame_units")
            for name, (channels, units) in (("ih", read), ("hh", of_state)):
                shared = f"{rows} * {channels} * kernel_cells"
                connected = f"{self.gates} * state_units * {units}"
                found.append(_term(f"weight_{name}{suffix}", shared, f"{shared} * positions", connected))
            if self.bias:
                apart = f"{self.gates} * state_units"
                found.append(_term(f"bias{suffix}", rows, apart, apart))
        return tuple(found)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {term.name: term.uses for term in self.terms() if not term.is_bias}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        shape = inputs[0]
        positions = elements(output[-self.type.rank :])
        return {
            "in_units": elements(shape),
            "out_units": elements(output),
            "steps": shape[0],
            "in_channels": shape[1],
            "hidden_channels": self.hidden_channels,
            "frame_units": elements(shape[1:]),
            "state_units": self.hidden_channels * positions,
            "positions": positions,
            "kernel_cells": elements(self.kernel_size),
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        windows = self._seen_at_last(shape[2:], shape[0])
        grows = set(self.kernel_size) != {1}
        if self.return_sequences and grows and shape[0] > 1:
            windows = (None,) * len(windows)  # each step sees more of the map than the one before
        spatial = [Unknown((axis,)) if window is None else Link(axis, window) for axis, window in enumerate(windows, 2)]
        if self.return_sequences:
            return ((Link(0, sliding(shape[0], 1, 1, shape[0] - 1)), None, *spatial),)
        return ((None, *spatial),)

    def _seen_at_last(self, sizes: tuple[int, ...], steps: int) -> tuple[Window | None, ...]:
        """What the last state sees along each axis of the frames; None where that is not one row of cells."""
        frame = self.of_frame()
        # The convolutions of states between the first frame and the last state: from step to step, and up the layers.
        # There is no state to reset at the first step.
        more = self.reach * (steps - 1) + (self.reach if steps > 1 else 1) * (self.num_layers - 1)
        windows: list[Window | None] = []
        for window, kernel, (before, _) in zip(frame.windows(sizes), self.kernel_size, frame.pads(sizes)):
            _, _, step = window.taps[0]  # type: ignore[misc]  # a convolution's has taps
            if kernel == 1 or not more:
                windows.append(window)
            elif window.shift == step == 1:
                windows.append(sliding(kernel + more * (kernel - 1), 1, 1, before + more * ((kernel - 1) // 2)))
            else:
                windows.append(None)
        return tuple(windows)


def _term(name: str, shared: str, apart: str, connected: str) -> Term:
    """A term that is used once a step at each position."""
    written, unshared, uses = Formula(shared), Formula(apart), Formula(f"steps * {apart}")
    return Term(name, written, written, unshared, Formula(connected), uses, is_bias=name.startswith("bias"))


class ConvLSTM(ConvRecurrent):
    __doc__ = ConvRecurrent.__doc__
    gates = 4
    reach = 1


class ConvGRU(ConvRecurrent):
    __doc__ = ConvRecurrent.__doc__
    gates = 3
    reach = 2


TYPES = {
    f"{stem}{rank}d": LayerType(f"{stem}{rank}d", layer, rank)
    for stem, layer in (("conv_lstm", ConvLSTM), ("conv_gru", ConvGRU))
    for rank in RANKS
}
