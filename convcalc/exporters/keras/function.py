"""Writes a function: the layers of a block, or of the network, as statements in their order."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from convcalc.exporters.keras.layers.register import CHAIN
from convcalc.exporters.keras.names import LayerNames, variable
from convcalc.exporters.python.calls import Texts, written_arguments
from convcalc.exporters.python.layout import call_lines, formatted
from convcalc.exporters.python.model import INPUT, ClassDef, ClassStep, Ref
from convcalc.exporters.python.unify import ABSENT, Copies, Joined, Members, Slot, join
from convcalc.exporters.python.values import Values


class Statement(NamedTuple):
    """A line of a function: `head` and `text`, or a layer that is called on what is `given`."""

    depth: int
    head: str
    text: str
    arguments: tuple[str, ...] | None = None
    given: str = ""

    def lines(self) -> list[str]:
        """The statement as lines."""
        if self.arguments is None:
            return formatted(self.head + self.text, 4 * self.depth)
        return call_lines(self.head + self.text, list(self.arguments), self.given, 4 * self.depth)


_NEW_NAMES = ("y", "z", "other")


class FunctionWriter:
    """Writes the statements of a function. `variables` are its inputs; `lines` are the statements so far."""

    def __init__(self, definition: ClassDef, values: Values, names: LayerNames, taken: set[str]) -> None:
        self.definition = definition
        self.values = values
        self.layer_names = names
        self.taken = taken
        self.is_root = not definition.bodies[0].piece.name
        self.statements: list[Statement] = []
        self.depth = 1
        self.loops = 0
        self.bound: dict[Ref, str] = {}
        self.uses, self.last = definition.uses()
        self.position = 0
        self.variables = self._inputs()

    def _inputs(self) -> list[str]:
        names: list[str] = []
        inputs = self.definition.inputs
        for place, name in enumerate(inputs):
            word = "inputs" if self.is_root else "x"
            is_only = name == "input" or len(inputs) == 1
            names.append(word if is_only else variable(name, {*names, *self.taken}))
            self.bound[INPUT, place] = names[-1]
        return names

    def lines(self, outputs: list[str]) -> list[str]:
        """All lines of a block: the last value is returned where it is made."""
        statements = list(self.statements)
        last = statements[-1] if statements else None
        if last is not None and last.depth == 1 and last.head == f"{', '.join(outputs)} = ":
            statements[-1] = last._replace(head="return ")
        else:
            statements.append(Statement(1, "return ", ", ".join(outputs)))
        return [line for statement in statements for line in statement.lines()]

    def write(self) -> list[str]:
        """Write all statements. Gives the variables of the outputs."""
        for number, step in enumerate(self.definition.steps):
            self.position = number
            self._write_step(step)
        return [self.bound[ref] for ref in self.definition.outputs]

    def _write_step(self, step: ClassStep) -> None:
        texts: Texts = {}
        code = step.sample.code
        ref: Ref = (step.key, 0)
        sources = [self.bound[read] for read in step.reads]
        if step.sample.made is None and code.function == "{0}":
            self.bound[ref] = sources[0]
            self.values.note_output(step, texts, False)
            return
        targets = self._targets(step)
        if step.is_optional:
            present = tuple(each is not None for each in step.bodies)
            condition = self.values.condition(present, self.values.raw(step, "when"), step, _owner(step))
            if targets[0] != sources[0]:
                self._statement(f"{targets[0]} = {sources[0]}")
            self._statement(f"if {condition}:")
            self.depth += 1
        if step.sample.made is None:
            self._statement(f"{targets[0]} = {self._filled(step, code.function, sources)}")
        else:
            made = join([ABSENT if each is None else each.made for each in step.bodies])
            given = self._filled(step, code.use, sources)
            self._write_calls(made, step, given, ", ".join(targets), list(step.sample.path), texts)
        if step.is_optional:
            self.depth -= 1
        for place, name in enumerate(targets):
            self.bound[step.key, place] = name
        self.values.note_output(step, texts, _is_concatenation(step))

    def _filled(self, step: ClassStep, template: str, sources: list[str]) -> str:
        """A template with its inputs and its values."""
        fields: dict[str, str] = {}
        for key in step.sample.code.values:
            column = [ABSENT if each is None else each.code.values[key] for each in step.bodies]
            slot = Slot(tuple(column), key)
            fields[key] = self.values.text(slot, step, "" if slot.is_constant else _owner(step))
        any_tensor = "inputs" if self.is_root and "inputs" in self.variables else next(iter(self.bound.values()))
        return template.format(*sources, all=", ".join(sources), x=any_tensor, **fields)

    def _write_calls(self, node: Any, step: ClassStep, given: str, target: str, path: list[str], texts: Texts) -> None:
        """The statements of layers, one after the other: the first reads what is given."""
        if isinstance(node, Joined):
            arguments = written_arguments(self.values, node, step, _owner(step), texts)
            self._call(node.callee, arguments, given, target, path)
        elif isinstance(node, Copies):
            self._write_copies(node, step, given, target, path, texts)
        else:
            assert isinstance(node, Members)  # the last form of calls
            for name, member in node.members:
                inner = [*path, name]
                if node.kind == CHAIN:
                    inner = [*path[:-1], f"{path[-1]}_{name}" if name else path[-1]]
                self._write_calls(member, step, given, target, inner, texts)
                given = target

    def _write_copies(
        self, node: Copies, step: ClassStep, given: str, target: str, path: list[str], texts: Texts
    ) -> None:
        """The copies of an entry: the first by itself where it differs, and a loop."""
        count = self.values.text(node.number, step, _owner(step), self.values.raw(step, "repeat"))
        start = 0
        if count == "1" or (node.rest is not None and not node.is_series):
            self._write_calls(node.first, step, given, target, [*path, "0"], texts)
            given, start = target, 1
        if count == "1":
            return
        member = node.first if node.rest is None else node.rest
        if count == "2" and start:
            self._write_calls(member, step, given, target, [*path, "1"], texts)
            return
        if given != target:
            self._statement(f"{target} = {given}")
        word = ("index", "inner", "innermost")[self.loops]
        self._statement(f"for {word} in range({f'{start}, ' if start else ''}{count}):")
        self.depth += 1
        self.loops += 1
        self._write_calls(member, step, target, target, [*path, f"{{{word}}}"], texts)
        self.loops -= 1
        self.depth -= 1

    def _call(self, callee: str, arguments: list[str], given: str, target: str, path: list[str]) -> None:
        parts = path if self.is_root else ["{name}", *path]
        name = f"name={self.layer_names.join(parts)}"
        head = f"{target} = "
        if callee.rpartition(".")[2][0].isupper():
            self.statements.append(Statement(self.depth, head, callee, (*arguments, name), given))
        else:
            text = f"{callee}({', '.join([given, *arguments, name])})"
            self.statements.append(Statement(self.depth, head, text))

    def _statement(self, text: str) -> None:
        head, equals, value = text.partition(" = ")
        self.statements.append(Statement(self.depth, head + equals, value))

    def _targets(self, step: ClassStep) -> list[str]:
        """The variables for what a step writes."""
        names: list[str] = []
        for place in range(len(step.sample.writes)):
            if (step.key, place) not in self.last:
                names.append("_")
                continue
            names.append(self._target(step, place, names))
        return names

    def _target(self, step: ClassStep, place: int, others: list[str]) -> str:
        """One that the step reads and that nothing reads later, else a new one."""
        alive = {name for ref, name in self.bound.items() if self._is_read_later(ref)} | set(others)
        protected = set(self.variables) if self.is_root else set()
        item = step.sample.item
        words = ["x", *_NEW_NAMES, *(f"y{number}" for number in range(2, 10_000))]
        first = self.bound.get(step.reads[0]) if step.reads else None
        if place == 0 and first is not None and (first in self.variables or first in words):
            words.insert(0, first)
        entry, is_shared = item.entry, self.uses.get((step.key, place), 0) > 1
        if is_shared and entry is not None and entry.has("name") and item.name and not item.name.isdigit():
            words.insert(0, variable(item.name, self.taken))
        used = alive | protected | self.taken
        return next(word for word in words if word not in used)

    def _is_read_later(self, ref: Ref) -> bool:
        return self.last.get(ref, -1) > self.position


def _is_concatenation(step: ClassStep) -> bool:
    made = step.sample.made
    return getattr(made, "callee", "") == "layers.Concatenate"


def _owner(step: ClassStep) -> str:
    """A word for a step in the names of arguments."""
    word = "_".join(step.sample.path)
    item = step.sample.item
    is_unnamed = item.entry is not None and not item.entry.has("name")
    return variable(re.sub(r"_\d+$", "", word) if is_unnamed else word)
