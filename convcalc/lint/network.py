"""A network as the rules look at it: its layers in the order they run, each with what it reads and who reads it."""

from __future__ import annotations

from collections.abc import Mapping

from convcalc.analysis.facts import Facts
from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry
from convcalc.layers.base import Layer
from convcalc.network.graph import Node
from convcalc.problems import WARNING, Fix, Problem
from convcalc.report.report import Report, Row
from convcalc.text.source import Mark, Source


class Finding:
    """What a rule has found at a layer or, where `step` is None, at the value whose `mark` is given.

    `at` names the key of the entry that the finding points to. `keys` are the parameters that would mend it and change
    nothing else; `remove` says that the entry does nothing and can go.
    """

    __slots__ = ("step", "message", "at", "help", "keys", "remove", "mark")

    def __init__(
        self,
        step: Step | None,
        message: str,
        *,
        at: str = "",
        help: str = "",
        keys: Mapping[str, object] | None = None,
        remove: bool = False,
        mark: Mark | None = None,
    ) -> None:
        self.step = step
        self.message = message
        self.at = at
        self.help = help
        self.keys = keys
        self.remove = remove
        self.mark = mark

    def problem(self, rule: str, source: Source) -> Problem:
        """The finding as a problem of the file, a warning of the rule."""
        mark, subject = self.mark, ""
        if self.step is not None:
            entry = self.step.entry
            mark = entry.mark_of(self.at) if self.mark is None else self.mark
            subject = f"{self.step.name} ({self.step.type})"
        return source.problem(
            rule, self.message, mark or 0, help=self.help, subject=subject, severity=WARNING, fix=self._fix(source)
        )

    def _fix(self, source: Source) -> Fix | None:
        if self.step is None or (self.keys is None and not self.remove):
            return None
        where = source.where(self.step.entry.mark)
        if self.remove:
            return Fix(f"remove {self.step.type}", where.line, where.column, None)
        keys = self.keys or {}
        words = ", ".join(f"{key}: {_word(value)}" for key, value in keys.items())
        return Fix(f"write {words}", where.line, where.column, keys)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Step:
    """One layer in its place. `reads` are the steps it reads, None for an input of the network."""

    __slots__ = ("index", "node", "row", "reads", "readers")

    def __init__(self, index: int, node: Node, row: Row) -> None:
        self.index = index
        self.node = node
        self.row = row
        self.reads: tuple[Step | None, ...] = ()
        self.readers: list[Step] = []

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def type(self) -> str:
        """The kind's name: `conv2d`, `relu`."""
        return self.node.layer.type.name

    @property
    def layer(self) -> Layer:
        """The layer's checked parameters, as attributes."""
        return self.node.layer

    @property
    def entry(self) -> Entry:
        """The entry of the file that made it; an entry in a block may have made many."""
        return self.node.entry

    @property
    def facts(self) -> Facts:
        return self.row.facts

    @property
    def input_shape(self) -> Shape:
        """The shape of the first thing it reads, without the batch."""
        return self.row.facts.input_shapes[0]

    @property
    def output_shape(self) -> Shape:
        return self.node.output_shape


class Network:
    """One target: its report, its layers as steps, and which of them are outputs."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.graph = report.graph
        self.steps = [Step(index, node, row) for index, (node, row) in enumerate(zip(self.graph.nodes, report.rows))]
        first = len(self.graph.inputs)
        for step in self.steps:
            step.reads = tuple([self.steps[read - first] if read >= first else None for read in step.node.reads])
            for read in step.reads:
                if read is not None:
                    read.readers.append(step)
        self._of_class: dict[type[Layer], list[Step]] = {}
        for step in self.steps:
            self._of_class.setdefault(type(step.node.layer), []).append(step)
        self.outputs = {self.steps[tensor - first] for tensor in self.graph.outputs.values() if tensor >= first}

    def of(self, *classes: type[Layer]) -> list[Step]:
        """The steps whose layer is of one of the classes, in the order they run."""
        found = [steps for layer, steps in self._of_class.items() if issubclass(layer, classes)]
        if len(found) == 1:
            return found[0]
        return sorted((step for steps in found for step in steps), key=lambda step: step.index)
