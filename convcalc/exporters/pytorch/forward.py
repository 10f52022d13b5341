"""The method `forward` of a class: its steps as statements, in their order."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from convcalc.exporters.network import Leaf
from convcalc.exporters.python.model import INPUT, ClassDef, ClassStep, Ref
from convcalc.exporters.pytorch.construct import Constructor
from convcalc.exporters.pytorch.names import is_attribute, safe

_LONGEST = 72
_DEEPEST = 3
_NEW_NAMES = ("out", "y", "z", "other")


class Text(NamedTuple):
    """The text of a value: a variable, or an expression that the next statement takes up.

    `depth` is how many calls are nested in it, `reads` the references of its variables.
    """

    text: str
    depth: int = 0
    is_sum: bool = False
    reads: tuple[Ref, ...] = ()


class Forward:
    """Writes the statements of `forward`."""

    def __init__(self, definition: ClassDef, constructor: Constructor) -> None:
        self.definition = definition
        self.constructor = constructor
        self.statements: list[str] = []
        self.values: dict[Ref, Text] = {}
        self.names: dict[Ref, str] = {}
        self.waiting: tuple[Ref, ClassStep] | None = None
        self.uses, self.last = definition.uses()
        self.needs_batch = False
        self.position = 0
        self.parameters = self._parameters()

    def _parameters(self) -> list[str]:
        names: list[str] = []
        for place, name in enumerate(self.definition.inputs):
            word = "x" if name == "input" or len(self.definition.inputs) == 1 else safe(name, names)
            names.append(word)
            self.values[INPUT, place] = Text(word)
            self.names[INPUT, place] = word
        return names

    def write(self) -> None:
        """Write all statements."""
        for number, step in enumerate(self.definition.steps):
            self.position = number
            self._write_step(step)
        self.position = len(self.definition.steps)
        waits = self.waiting is not None and self.definition.outputs != [self.waiting[0]]
        if waits:
            self._settle()
        texts = [self.values[ref].text for ref in self.definition.outputs]
        self.statements.append(f"return {', '.join(texts)}")
        if self.needs_batch:
            self.statements.insert(0, f"batch = {self.parameters[0]}.shape[0]")

    @property
    def returns(self) -> str:
        """The type of what it returns."""
        count = len(self.definition.outputs)
        return "torch.Tensor" if count == 1 else f"tuple[{', '.join(['torch.Tensor'] * count)}]"

    def _write_step(self, step: ClassStep) -> None:
        template = step.sample.code.use if step.sample.made is not None else step.sample.code.function
        if self.waiting is not None and not self._takes(step, template):
            self._settle()
        reads = [self.values[ref] for ref in step.reads]
        text = self._filled(step, template, reads)
        if len(text) > _LONGEST and self.waiting is not None:
            self._settle()
            reads = [self.values[ref] for ref in step.reads]
            text = self._filled(step, template, reads)
        self.waiting = None
        sources = tuple(ref for read, ref in zip(reads, step.reads) for ref in (read.reads or (ref,)))
        is_sum = bool(re.fullmatch(r".*\} [-+*/@] .*", template))
        value = Text(text, 1 + max((read.depth for read in reads), default=0), is_sum, sources)
        flag = self.constructor.flags.get(step.key)
        if flag is not None:
            self._write_condition(step, value, flag)
        elif len(step.sample.writes) > 1:
            self._write_tuple(step, value)
        else:
            ref = (step.key, 0)
            self.values[ref] = value
            self.waiting = ref, step

    def _takes(self, step: ClassStep, template: str) -> bool:
        """Whether a step takes up the expression that waits."""
        assert self.waiting is not None  # its only caller asks before
        ref, _ = self.waiting
        value = self.values[ref]
        if step.reads.count(ref) != 1 or self.uses[ref] != 1 or step.key in self.constructor.flags:
            return False
        place = f"{{{step.reads.index(ref)}}}"
        if template.count(place) > 1 or value.depth >= _DEEPEST or len(step.sample.writes) > 1:
            return False
        if value.is_sum and (template.startswith(place) or " " + place in template) and "{all}" not in template:
            return False
        is_heavy = step.sample.kind in ("class", "row") or _is_weighted(step)
        return not is_heavy

    def _settle(self) -> None:
        """Write the expression that waits as a statement."""
        assert self.waiting is not None  # the callers ask before
        ref, step = self.waiting
        self.waiting = None
        value = self.values[ref]
        name = self._name(step, value.reads, 0)
        self.statements.append(f"{name} = {value.text}")
        self._bind(ref, name)

    def _bind(self, ref: Ref, name: str) -> None:
        self.values[ref] = Text(name)
        self.names[ref] = name

    def _is_dead(self, ref: Ref, *, before: bool = False) -> bool:
        last = self.last.get(ref, -1)
        return last < self.position or (last == self.position and not before)

    def _name(self, step: ClassStep, reads: tuple[Ref, ...], place: int, *, now: bool = False) -> str:
        """The variable for a value: one that it reads and that nothing reads later, else a new one."""
        alive = {name for ref, name in self.names.items() if not self._is_dead(ref, before=not now)}
        item = step.sample.item
        words = [*self.parameters[:1], *_NEW_NAMES]
        is_shared = self.uses.get((step.key, place), 0) > 1
        is_named = item.entry is not None and item.entry.has("name") and item.name and not item.name.isdigit()
        if is_named and is_shared:
            words.insert(0, safe(item.name))
        elif place == 0:
            words[:0] = [self.names[ref] for ref in reads[:1] if ref in self.names]
        words += [f"out{number}" for number in range(2, 10_000)]
        return next(word for word in words if word not in alive)

    def _filled(self, step: ClassStep, template: str, reads: list[Text]) -> str:
        """A template with its inputs, its module and its values."""
        texts = [f"({read.text})" if read.is_sum and self._is_bound(template, place) else read.text
                 for place, read in enumerate(reads)]  # fmt: skip
        path = step.sample.path
        module = f"self.{path[0]}" if is_attribute(path[0]) else f'self.get_submodule("{path[0]}")'
        module += "".join(f"[{part}]" for part in path[1:])
        fields: dict[str, Any] = {key: self.constructor.stored[step.key, key] for key in step.sample.code.values}
        if "{batch}" in template:
            self.needs_batch = True
        joined = ", ".join(texts)
        return template.format(*texts, m=module, all=joined, batch="batch", **fields)

    def _is_bound(self, template: str, place: int) -> bool:
        """Whether a sum needs brackets in the place of an input."""
        return bool(re.search(rf"(^|[-+*/@] )\{{{place}\}}|\{{{place}\}}( [-*/@]|[.\[])", template))

    def _write_condition(self, step: ClassStep, value: Text, flag: str) -> None:
        """A step that some objects of the class leave out."""
        source = self.values[step.reads[0]].text
        others = {name for ref, name in self.names.items() if not self._is_dead(ref) and ref != step.reads[0]}
        if self._is_dead(step.reads[0]) and source not in others and source.isidentifier():
            self.statements.append(f"if self.{flag}:\n{source} = {value.text}")
            self._bind((step.key, 0), source)
            return
        name = self._name(step, (), 0, now=True)
        self.statements.append(f"{name} = {value.text} if self.{flag} else {source}")
        self._bind((step.key, 0), name)

    def _write_tuple(self, step: ClassStep, value: Text) -> None:
        names: list[str] = []
        for place in range(len(step.sample.writes)):
            ref = (step.key, place)
            if ref not in self.last:
                names.append("_")
                continue
            name = self._name(step, value.reads, place, now=True)
            while name in names:
                name += "_"
            names.append(name)
            self._bind(ref, name)
        self.statements.append(f"{', '.join(names)} = {value.text}")


def _is_weighted(step: ClassStep) -> bool:
    """Whether a step begins a line: a layer with weights that is no normalisation."""
    item = step.sample.item
    return isinstance(item, Leaf) and bool(item.node.layer.is_weighted)
