"""The values of a class's slots as text: literals, expressions of its arguments, or arguments of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from convcalc.exporters.network import Network, Piece
from convcalc.exporters.python import symbols
from convcalc.exporters.python.code import MISSING
from convcalc.exporters.python.literals import literal
from convcalc.exporters.python.model import INPUT, ClassArgument, ClassDef, ClassStep, Ref
from convcalc.exporters.python.symbols import NotTranslated
from convcalc.exporters.python.unify import ABSENT, Slot
from convcalc.language.spec import Block
from convcalc.text.source import Expression

_SPATIAL = {"in_length": 1, "in_height": -2, "in_width": -1, "in_depth": -3}


# Names that the code of a class uses itself.
RESERVED = frozenset((
    "self", "super", "torch", "nn", "F", "math", "range", "index", "tie", "OrderedDict", "weight_norm",
    "spectral_norm", "fixed_weights", "min", "max", "abs", "int", "round", "len", "sum",
))  # fmt: skip


class Values:
    """The names that a class knows, each with its value in every piece, and the arguments that it needs of them."""

    def __init__(
        self,
        network: Network,
        definition: ClassDef,
        root_params: Mapping[str, Any],
        reserved: Collection[str] = RESERVED,
    ) -> None:
        self.graph = network.graph
        self.reserved = reserved
        self.definition = definition
        self.count = len(definition.bodies)
        self.pieces = [body.piece for body in definition.bodies]
        self.blocks = network.spec.blocks
        self.block: Block | None = self.blocks.get(self.pieces[0].block)
        self.spec_params = set(network.spec.params.pairs)
        self.root_params = root_params
        self.atoms: dict[str, ClassArgument] = {}
        self.used: set[str] = set()
        self.sizes: dict[tuple[Ref, int], str] = {}
        self.seen: dict[str, tuple[Any, ...]] = {}
        self._add_inputs()
        self._add_params()

    def _add_inputs(self) -> None:
        for place, name in enumerate(self.definition.inputs):
            shapes = [self.graph.shape(list(piece.inputs.values())[place]) for piece in self.pieces]
            prefix = "in" if place == 0 or name.startswith("input") else name
            prefix = f"{prefix}{place + 1}" if place and name.startswith("input") else prefix
            for axis, word in ((0, "channels"), (-1, "features")):
                values = tuple(shape[axis] for shape in shapes)
                if axis == 0 and len(shapes[0]) == 1:
                    continue
                atom = f"{prefix}_{word}".replace("-", "_")
                while atom in self.atoms:
                    atom += "_"
                self.atoms[atom] = ClassArgument(atom, values, MISSING, size=(place, axis))
                self.sizes[((INPUT, place), axis)] = atom

    def _add_params(self) -> None:
        if self.block is None:
            for name, value in self.root_params.items():
                if name in self.reserved:
                    continue
                self.atoms[name] = ClassArgument(name, (value,), value, name)
            return
        for name, raw in self.block.params.pairs.items():
            values = tuple(piece.params.get(name) for piece in self.pieces)
            is_given = any(_gives(piece, name) for piece in self.pieces)
            if (isinstance(raw, Expression) and not is_given) or not all(map(_is_plain, values)):
                continue
            if name in self.reserved or name in self.atoms:
                continue  # where its value is needed, the class gets an argument of another name
            default = raw if isinstance(raw, (bool, int, float, str)) else MISSING
            self.atoms[name] = ClassArgument(name, values, default, name)

    def text(self, slot: Slot, step: ClassStep | None, owner: str, raw: Any = None) -> str:
        """The text of a slot. Where nothing known has its values, the class gets an argument for them."""
        if slot.is_constant:
            named = self._root_param(slot, raw)
            return named or literal(slot.present[0])
        text = None
        if slot.size is not None and step is not None:
            text = self._size(step.reads[slot.size[0]], slot.size[1], slot.values)
        elif isinstance(raw, Expression):
            text = self._translated(raw, slot.values, step)
        if text is None and slot.size is not None:
            text = self._known(slot.values)
        if text is None:
            text = self._argument(slot, owner)
        return self._use(text, slot.values)

    def raw(self, step: ClassStep, param: str) -> Any:
        """The value of a key of a step's entry, as it is written; else a default that reads the input alone."""
        item = step.sample.item
        if not param or item.entry is None:
            return None
        block = self.blocks.get(item.block) if isinstance(item, Piece) else None
        if item.entry.has(param) or block is None:
            return item.entry.get(param)
        default = block.params.pairs.get(param)
        is_size = isinstance(default, Expression) and symbols.names(default.text) <= {"in_channels", "in_features"}
        return default if is_size else None

    def condition(self, present: tuple[bool, ...], raw: Any, step: ClassStep, owner: str) -> str:
        """The text of when a step is there."""
        text = self._translated(raw, present, step) if isinstance(raw, Expression) else None
        return self._use(text or self._argument(Slot(present, f"has_{owner}"), ""), present)

    def note_output(self, step: ClassStep, texts: Mapping[str, tuple[Any, ...]], is_concat: bool) -> None:
        """Note the sizes of a step's outputs, where a known text has them."""
        for place in range(len(step.sample.writes)):
            for axis in (0, -1):
                values = self._shapes((step.key, place), axis)
                if values is None:
                    continue
                found = next((text for text, known in texts.items() if _match(known, values)), None)
                for ref in step.reads if found is None else ():
                    if self._shapes(ref, axis) == values and (ref, axis) in self.sizes:
                        found = self.sizes[ref, axis]
                        break
                if found is None and is_concat:
                    found = self._sum(step.reads, axis, values)
                if found is not None:
                    self.sizes[(step.key, place), axis] = found

    def arguments(self) -> list[ClassArgument]:
        """The arguments that the texts use: those without a default first."""
        used = [atom for name, atom in self.atoms.items() if name in self.used]
        return sorted(used, key=lambda atom: atom.default is not MISSING)

    def _shapes(self, ref: Ref, axis: int) -> tuple[int, ...] | None:
        try:
            return tuple(self.graph.shape(self.definition.tensor(ref, number))[axis] for number in range(self.count))
        except IndexError:
            return None

    def _sum(self, refs: tuple[Ref, ...], axis: int, values: tuple[int, ...]) -> str | None:
        parts: list[str] = []
        for ref in refs:
            sizes = self._shapes(ref, axis)
            if sizes is not None and len(set(sizes)) == 1:
                parts.append(str(sizes[0]))
            elif (ref, axis) in self.sizes:
                parts.append(self.sizes[ref, axis])
            else:
                return None
        text = f"{len(parts)} * {parts[0]}" if len(set(parts)) == 1 and parts[0].isidentifier() else " + ".join(parts)
        for name in sorted(symbols.names(text)):
            text = self._multiple(name, values) or text
        return text if self._has(text, values) else None

    def _size(self, ref: Ref, axis: int, values: tuple[Any, ...]) -> str | None:
        text = self.sizes.get((ref, axis))
        return text if text is not None and self._has(text, values) else None

    def _translated(self, raw: Expression, values: tuple[Any, ...], step: ClassStep | None) -> str | None:
        try:
            text = symbols.translate(raw.text, lambda name: self._name(name, step, 0))
            text = re.sub(r"'([^'\"]*)'", r'"\1"', text)
            text = self._simpler(text, values)
            if re.search(r"\d\.\d", text) and not text.startswith("int("):
                return None  # a product with a fraction is a float in Python
            return text if self._has(text, values) else None
        except (NotTranslated, RecursionError):
            return None

    def _name(self, name: str, step: ClassStep | None, depth: int) -> str:
        """The text of a name of the spec."""
        if depth > 20:
            raise NotTranslated
        if name in self.atoms and self.atoms[name].param:
            values = self.atoms[name].values
            return literal(values[0]) if Slot(values).is_constant else name
        if name.startswith("in_"):
            return self._input_size(name, (INPUT, 0) if step is None else step.reads[0])
        if self.block is not None and name in self.block.params.pairs:
            raw = self.block.params.pairs[name]
            if isinstance(raw, Expression):
                return "(" + symbols.translate(raw.text, lambda other: self._name(other, None, depth + 1)) + ")"
        elif name in self.spec_params:
            value = self.pieces[0].params.get(name, MISSING)
            if _is_plain(value) or isinstance(value, list):
                return repr(value)
        raise NotTranslated

    def _input_size(self, name: str, ref: Ref) -> str:
        axis = {"in_channels": 0, "in_features": -1}.get(name, _SPATIAL.get(name))
        values = self._shapes(ref, axis) if axis is not None else None
        if axis is None or values is None:
            raise NotTranslated
        if len(set(values)) == 1:
            return str(values[0])
        if (ref, axis) not in self.sizes:
            raise NotTranslated
        return f"({self.sizes[ref, axis]})"

    def _simpler(self, text: str, values: tuple[Any, ...]) -> str:
        """One of the names in a text, or a multiple of it, where that has the values."""
        for name in sorted(symbols.names(text)):
            if name in self.atoms and not isinstance(values[0], bool):
                found = self._multiple(name, values)
                if found == name:
                    return name
        return text

    def _multiple(self, name: str, values: tuple[Any, ...]) -> str | None:
        """The name, or a multiple or a part of it, where it has the values."""
        pairs = [(value, have) for value, have in zip(values, self.atoms[name].values) if value is not ABSENT]
        if not all(type(value) is int and type(have) is int and have > 0 for value, have in pairs):
            return name if all(type(value) is type(have) and value == have for value, have in pairs) else None
        value, have = pairs[0]
        times, part = value // have, have // value if value else 0
        if times and all(value == times * have for value, have in pairs):
            return name if times == 1 else f"{times} * {name}"
        if part and all(value == have // part for value, have in pairs):
            return f"{name} // {part}"
        return None

    def _known(self, values: tuple[Any, ...]) -> str | None:
        """A text that is used already, or a name, that has the values."""
        for text, known in reversed(self.seen.items()):
            if _match(known, values):
                return text
        for name in self.atoms:
            found = self._multiple(name, values)
            if found is not None and (self.atoms[name].size is not None or name in self.used):
                return found
        return None

    def _argument(self, slot: Slot, owner: str) -> str:
        """The name of a new argument."""
        values = tuple(slot.present[0] if value is ABSENT else value for value in slot.values)
        word = "value" if slot.size is None else "channels" if slot.size[1] == 0 else "features"
        short = slot.param if slot.size is None and slot.param else slot.name or word
        full = "_".join(word for word in (owner, short) if word)
        for name in (short, full, *(f"{full}{number}" for number in range(2, 1000))):
            known = self.atoms.get(name)
            if known is None and name.isidentifier() and not (self.block and name in self.block.params.pairs):
                self.atoms[name] = ClassArgument(name, values, MISSING)
                return name
            if known is not None and name in self.used and known.values == values:
                return name
        raise AssertionError("no name is free")

    def _use(self, text: str, values: tuple[Any, ...]) -> str:
        self.used |= symbols.names(text) & self.atoms.keys()
        self.seen.setdefault(text, self.all_of(text, values))
        return text

    def all_of(self, text: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values of a text in all pieces, even in those that have no such slot."""
        try:
            return tuple(
                symbols.value(text, {name: atom.values[number] for name, atom in self.atoms.items()})
                for number in range(self.count)
            )
        except NotTranslated:
            return values

    def _has(self, text: str, values: tuple[Any, ...]) -> bool:
        """Whether a text has these values in all pieces."""
        for number, want in enumerate(values):
            if want is ABSENT:
                continue
            have = symbols.value(text, {name: atom.values[number] for name, atom in self.atoms.items()})
            have = tuple(have) if isinstance(have, list) and isinstance(want, tuple) else have
            if have != want or (isinstance(want, bool) and not isinstance(have, bool)):
                return False
        return True

    def _root_param(self, slot: Slot, raw: Any) -> str:
        """The param of the network that gives a value, where it is an argument of the network's class."""
        name = raw.text.strip() if isinstance(raw, Expression) else ""
        if self.block is None and name in self.root_params and name in self.atoms:
            if self.atoms[name].values == slot.values:
                self.used.add(name)
                return name
        return ""


def _gives(piece: Piece, name: str) -> bool:
    entry, scope = piece.entry, piece.scope
    if entry is not None and entry.has(name):
        return True
    row = scope.row if scope is not None else None
    return row is not None and name in row.columns


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, int) for item in value)
    return isinstance(value, (bool, int, float, str))


def _match(known: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
    pairs = list(zip(known, values))
    if any(have is ABSENT and want is not ABSENT for have, want in pairs):
        return False
    return all(want is ABSENT or (type(have) is type(want) and have == want) for have, want in pairs)
