"""The constructor of a class: the lines of `__init__` after the call of its parent."""

from __future__ import annotations

import re
from typing import Any

from convcalc.exporters.network import Leaf, Piece
from convcalc.exporters.python.calls import Texts, written
from convcalc.exporters.python.code import Code
from convcalc.exporters.python.model import ClassDef, ClassStep, Step
from convcalc.exporters.python.unify import ABSENT, Copies, Members, Slot, join
from convcalc.exporters.python.values import Values
from convcalc.exporters.pytorch.names import is_attribute, safe

_CALLED = Code("{m}({0})")  # a member of a Sequential, which the Sequential calls


class Constructor:
    """Writes the statements of a constructor, and the attributes that `forward` reads besides modules."""

    def __init__(self, definition: ClassDef, values: Values) -> None:
        self.definition = definition
        self.values = values
        self.statements: list[str] = []
        self.buffers: list[str] = []
        self.flags: dict[Any, str] = {}
        self.stored: dict[tuple[Any, str], str] = {}
        self.names = {name for body in definition.bodies for name in body.modules}

    def write(self) -> None:
        """Write all statements, in the order of the steps."""
        done: set[str] = set()
        for step in self.definition.steps:
            texts: Texts = {}
            name = step.sample.path[0]
            if step.sample.made is not None and name not in done:
                done.add(name)
                self._write_module(name, step, texts)
            condition = self._condition(step)
            if condition and not self.is_identity_else(step):
                self.flags[step.key] = self._flag(condition, step)
            self._store_values(step)
            if step.sample.made is not None and not texts:
                texts = self._joined_texts(step)
            self.values.note_output(step, texts, step.sample.code.function.startswith("torch.cat("))

    def is_identity_else(self, step: ClassStep) -> bool:
        """Whether an optional step is a module, or the identity where it is absent."""
        sample = step.sample
        return sample.made is not None and sample.code.use == "{m}({0})" and not sample.code.is_parameter

    def _condition(self, step: ClassStep) -> str:
        if not step.is_optional:
            return ""
        present = tuple(each is not None for each in step.bodies)
        return self.values.condition(present, self.values.raw(step, "when"), step, _owner(step))

    def _flag(self, condition: str, step: ClassStep) -> str:
        """The attribute that says whether an optional step is there."""
        name = condition if condition.isidentifier() else f"has_{_owner(step)}"
        name = safe(name, self.names)
        self.names.add(name)
        self.statements.append(f"self.{name} = {condition}")
        return name

    def _write_module(self, name: str, step: ClassStep, texts: Texts) -> None:
        made = [body.modules.get(name, ABSENT) for body in self.definition.bodies]
        text = self._text(join(made), step, safe(name), texts)
        code = step.sample.code
        if code.is_parameter and text.startswith("buffer("):
            self.buffers.append(name)
            self.statements.append(f'self.register_buffer("{name}", {text[7:-1]})')
            return
        if code.is_parameter and text.startswith("constant("):
            self.buffers.append(name)
            self.statements.append(f'self.register_buffer("{name}", {text[9:-1]}, persistent=False)')
            return
        condition = self._condition(step)
        text += f" if {condition} else nn.Identity()" if condition else ""
        is_member = self.definition.bodies[0].is_sequence
        is_assigned = is_attribute(name) or is_member
        self.statements.append(f"self.{name} = {text}" if is_assigned else f'self.add_module("{name}", {text})')

    def _joined_texts(self, step: ClassStep) -> Texts:
        """The texts of a member of a list, for the sizes of its output."""
        texts: Texts = {}
        for text, known in self.values.seen.items():
            texts[text] = known
        return texts if len(step.sample.path) > 1 else {}

    def _store_values(self, step: ClassStep) -> None:
        """Keep the values that `forward` needs and that differ between the pieces."""
        for key in step.sample.code.values:
            column = [ABSENT if each is None else each.code.values[key] for each in step.bodies]
            slot = Slot(tuple(column), key)
            if slot.is_constant:
                self.stored[step.key, key] = self.values.text(slot, step, "")
                continue
            text = self.values.text(slot, step, _owner(step))
            name = safe(text if text.isidentifier() else f"{_owner(step)}_{key}", self.names)
            self.names.add(name)
            self.statements.append(f"self.{name} = {text}")
            self.stored[step.key, key] = f"self.{name}"

    def _text(self, node: Any, step: ClassStep, owner: str, texts: Texts) -> str:
        """The text of a joined construction."""
        if isinstance(node, Copies):
            return self._copies(node, step, owner, texts)
        if isinstance(node, Members):
            return self._members(node, step, owner, texts)
        return written(self.values, node, step, owner, texts)

    def _copies(self, node: Copies, step: ClassStep, owner: str, texts: Texts) -> str:
        first = self._text(node.first, step, owner, texts)
        count = self.values.text(node.number, step, owner, self.values.raw(step, "repeat"))
        if node.is_series:
            return f"nn.Sequential(*({first} for index in range({count})))"
        if count == "1":
            return f"nn.Sequential({first})"
        if node.rest is None and count != "2":
            return f"nn.Sequential(*({first} for _ in range({count})))"
        rest = first if node.rest is None else self._text(node.rest, step, owner, texts)
        if count == "2":
            return f"nn.Sequential({first}, {rest})"
        others = str(int(count) - 1) if count.isdigit() else f"{count} - 1"
        return f"nn.Sequential({first}, *({rest} for _ in range({others})))"

    def _members(self, node: Members, step: ClassStep, owner: str, texts: Texts) -> str:
        parts = []
        steps = {each.sample.path: each for each in self.definition.steps}
        chain = self._chain(node, step)
        for name, member in node.members:
            path = (*step.sample.path[:1], name if node.kind == "ModuleList" else f'"{name}"')
            inner, own = chain.get(name), texts if name not in chain else Texts()
            parts.append((name, self._text(member, inner or steps.get(path, step), f"{owner}_{name}", own)))
            if inner is not None:
                self.values.note_output(inner, own, False)
                texts.update(own)
        if [name for name, _ in parts] == [str(number) for number in range(len(parts))]:
            inside = ", ".join(text for _, text in parts)
            return f"nn.{node.kind}([{inside}])" if node.kind == "ModuleList" else f"nn.{node.kind}({inside})"
        pairs = ", ".join(f'("{name}", {text})' for name, text in parts)
        if node.kind == "ModuleDict":
            return "nn.ModuleDict({" + ", ".join(f'"{name}": {text}' for name, text in parts) + "})"
        return f"nn.Sequential(OrderedDict([{pairs}]))"

    def _chain(self, node: Members, step: ClassStep) -> dict[str, ClassStep]:
        """The members of a Sequential as steps, each of which reads the one before."""
        pieces = [each.item for each in step.bodies if each is not None and isinstance(each.item, Piece)]
        if node.kind != "Sequential" or len(pieces) != len(step.bodies):
            return {}
        if any(len(piece.items) != len(node.members) for piece in pieces):
            return {}
        found: dict[str, ClassStep] = {}
        reads = step.reads
        for place, (name, _) in enumerate(node.members):
            key = (step.key, name)
            made = [piece.items[place] for piece in pieces]
            tensors = [item.tensor if isinstance(item, Leaf) else item.outputs[0] for item in made]
            self.definition.members[key] = tensors
            bodies: list[Step | None] = [
                Step(key, (*step.sample.path, name), item, _CALLED, None, (), (tensor,), "member")
                for item, tensor in zip(made, tensors)
            ]
            found[name] = ClassStep(key, bodies, reads)
            reads = ((key, 0),)
        return found


def _owner(step: ClassStep) -> str:
    """A word for a step in the names of arguments and attributes."""
    word = "_".join(part.strip('"') for part in step.sample.path)
    item = step.sample.item
    is_unnamed = step.sample.made is None and item.entry is not None and not item.entry.has("name")
    return safe(re.sub(r"_\d+$", "", word) if is_unnamed else word)
