"""A question about a layer, and an answer: values of its unknown parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.analysis.facts import Facts
from convcalc.analysis.sizes import leftovers
from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry
from convcalc.layers.base import Layer, LayerType
from convcalc.layers.leading_axes import of_place
from convcalc.layers.parameters import REQUIRED
from convcalc.layers.windows import WindowLayer
from convcalc.network.graph import Graph, Node
from convcalc.solving.choices import Choices
from convcalc.sweeping.conditions import Condition
from convcalc.sweeping.quantities import Candidate
from convcalc.text.source import Source

USUAL_KERNELS = (1, 2, 3, 4, 5, 7, 9, 11)

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LayerQuestion:
    """What is given and what is wanted of a layer.

    `output` is the shape that is wanted, with its channels or without, and `wants` are further conditions. `choices`
    are the values to try where the user gives them.
    """

    kind: LayerType
    given: Values
    unknowns: Sequence[str]
    inputs: tuple[Shape, ...]
    output: Shape | None = None
    wants: Sequence[Condition] = ()
    choices: Mapping[str, Choices] = field(default_factory=dict)

    def layer(self, values: Values) -> Layer:
        """The layer with these values of the unknowns. Raises LayerError."""
        given = {name: value for name, value in {**self.given, **values}.items() if value is not None}
        return self.kind.build(given)

    def fits(self, output: Shape) -> bool:
        """Whether an output has the shape that is wanted."""
        return self.output is None or self.output in (output, output[1:])

    def distance(self, output: Shape) -> int:
        """How far the sizes of an output are from those that are wanted."""
        wanted = self.output or output
        own = output[1:] if len(wanted) == len(output) - 1 else output
        if len(own) != len(wanted):
            return sum(wanted) + sum(own)
        return sum(abs(size - each) for size, each in zip(own, wanted))

    def candidate(self, answer: LayerAnswer) -> Candidate:
        """An answer as a network of this layer, on which conditions are evaluated."""
        graph = Graph(Source("", ""), "", None)
        graph.inputs = {f"input{number or ''}": shape for number, shape in enumerate(self.inputs)}
        facts, count = answer.facts, len(self.inputs)
        entry = Entry(self.kind.name, 0, None)
        graph.nodes = [
            Node(self.kind.name, facts.layer, (*range(count),), facts.output_shape, entry, 1, trainable=True)
        ]
        graph.outputs = {self.kind.name: count}
        return Candidate({**facts.config, **self.given, **answer.values}, graph)

    def answer(self, values: Values) -> LayerAnswer:
        """The answer of these values. Raises LayerError where they make no layer."""
        layer = self.layer(values)
        facts = Facts(layer, self.inputs, layer.output_shape(self.inputs))
        axis = layer.channel_axis
        over = [over for over, _ in leftovers(of_place(layer), self.inputs[0][axis:], facts.output_shape[axis:])]
        unread = max(over, default=0)
        steps = tuple([self._steps(name, value) for name, value in values.items()])
        lists, words = (sum(isinstance(value, kind) for value in values.values()) for kind in (list, str))
        switched = sum(steps[place] for place, value in enumerate(values.values()) if isinstance(value, bool))
        order = (
            lists,
            words,
            *_oddities(of_place(layer), self.inputs[0][axis + 1 :]),
            unread > 0,
            switched,
            sum(steps),
            steps,
        )
        return LayerAnswer(order, values, facts, unread)

    def _steps(self, name: str, value: Any) -> int:
        """How far a value is from the default, or from 1 where there is none."""
        default = self.kind.default(name)
        if isinstance(value, (bool, str)) or value is None:
            return int(value != default and default is not REQUIRED)
        if isinstance(value, list):
            return sum(self._steps(name, item) for item in value)
        is_number = isinstance(default, (int, float)) and not isinstance(default, bool)
        return abs(int(value - (default if is_number else 1)))


def _oddities(layer: Layer, sizes: Shape) -> tuple[bool, ...]:
    """What makes a window unusual, the worst first: gaps between windows, windows on padding alone, odd sizes."""
    if not isinstance(layer, WindowLayer):
        return ()
    spans = [dilation * (size - 1) + 1 for dilation, size in zip(layer.dilation, layer.kernel_size)]
    return (
        any(stride > span for stride, span in zip(layer.stride, spans)),
        any(max(pads) > span // 2 for pads, span in zip(layer.pads(sizes), spans)),
        any(size not in USUAL_KERNELS for size in layer.kernel_size),
        max(layer.dilation) > 1,
    )


class LayerAnswer(NamedTuple):
    """Values of the unknowns, and the layer that they make. Its last window leaves `unread` cells behind it.

    Answers are sorted by `order`, the plainest first.
    """

    order: tuple[Any, ...]
    values: Values
    facts: Facts
    unread: int

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        facts = self.facts
        figures = {"output_shape": list(facts.output_shape), "params": facts.params, "macs": facts.macs}
        return {**self.values, **figures, "unread": self.unread}
