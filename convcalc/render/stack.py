"""The cheapest stack as a spec, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.arith.units import count_of, group_digits
from convcalc.render.style import Screen
from convcalc.solving.stack import Stack, cheapness, in_words, pieces_in_words


@dataclass(frozen=True, slots=True)
class StackPrintout:
    """A stack. Its spec says what it is the cheapest of, and expects the figures that the search gave."""

    stack: Stack

    def yaml(self, screen: Screen) -> Sequence[str]:
        return ("\n".join([*self._comment(), *self._spec()]) + "\n",)

    def data(self) -> dict[str, Any]:
        stack, question = self.stack, self.stack.question
        layers = [
            {"kernel_size": piece.kernel, "stride": piece.stride, "convolution": piece.is_convolution,
             "channels": channels}
            for piece, channels in stack.pieces
        ]  # fmt: skip
        return {
            "input_shape": list(question.input),
            "by": question.by,
            "channels": list(question.channels),
            "stack": layers,
            **stack.cost._asdict(),
            "receptive_field": stack.field,
            "stride": stack.stride,
            "output_shape": list(stack.output),
        }

    def _comment(self) -> list[str]:
        stack, question = self.stack, self.stack.question
        cost = stack.cost
        figures = (
            f"{count_of(cost.layers, 'layer')}, {group_digits(cost.macs)} macs, {group_digits(cost.params)} params"
        )
        channels = ", ".join(map(str, question.channels))
        return [
            f"# The cheapest stack with {in_words(question)}: {cheapness(question.by)}.",
            f"# It has {figures}; its units see {stack.field}x{stack.field} pixels, at a distance of {stack.stride}.",
            f"# Searched: all stacks of {pieces_in_words(question.pieces)};",
            f"# convolutions whose output has stride 1, 2, 4, … have {channels} channels; ReLUs are not counted.",
        ]

    def _spec(self) -> list[str]:
        stack = self.stack
        lines = ["name: Cheapest stack", f"input: {list(stack.question.input)}", "layers:"]
        convolutions = poolings = 0
        for piece, channels in stack.pieces:
            if piece.is_convolution:
                convolutions += 1
                stride = f", stride: {piece.stride}" if piece.stride > 1 else ""
                values = f"name: conv{convolutions}, out_channels: {channels}, kernel_size: {piece.kernel}{stride}"
                lines += [f"  - conv2d: {{{values}, padding: 1}}", "  - relu"]
            else:
                poolings += 1
                lines.append(f"  - max_pool2d: {{name: pool{poolings}, kernel_size: {piece.kernel}}}")
        figures = f"params: {stack.cost.params}, macs: {stack.cost.macs}, receptive_field: {stack.field}"
        return [*lines, f"expect: {{{figures}, output_shape: {list(stack.output)}}}"]
