"""The params of a block: values that differ between its uses, as few of them as possible.

A value that follows from another is an expression: `=in_channels`, `=4 * width`, `=kernel // 2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from keyword import iskeyword
from typing import Any, NamedTuple

from convcalc import layers
from convcalc.arith.shape import Shape
from convcalc.importers.instances import UNSET, agree, differ, halves, ratio, usual
from convcalc.importers.merging import Cell, Template, resolved
from convcalc.importers.outline import Argument, Entry, Ref, Stepwise
from convcalc.language.spec import ENTRY_KEYS, FUNCTION_NAMES

# The short name of a param by the key of the layer that it sets; other keys are their own name.
SHORT = {
    "out_channels": "out", "out_features": "out", "kernel_size": "kernel", "hidden_size": "hidden",
    "num_embeddings": "words", "embedding_dim": "features",
}  # fmt: skip
# Numbers of channels and features follow from each other, and sizes in cells do; never one from the other.
CHANNELS = frozenset(("out_channels", "out_features", "groups", "num_groups", "hidden_size", "embedding_dim"))
CELLS = frozenset(("kernel_size", "padding", "dilation"))
OUTS = frozenset(("out_channels", "out_features"))


class Known(NamedTuple):
    """A param that exists: the entry and the key that it sets, and its value in each instance.

    `origin` is the key of a layer that it sets in the end, where the entry is the use of a block.
    """

    name: str
    origin: str
    key: str
    entry: Entry
    values: list[Any]


class Parametrised:
    """The params of a template: writes the expressions into its entries, and holds the arguments of each instance.

    While expressions are made the params have numbers, `{0}`, `{1}`; their names are chosen when all are there.
    """

    def __init__(self, template: Template, places: dict[Entry, str]) -> None:
        self.template = template
        self.places = places
        self.known: list[Known] = []
        self.in_shapes = _input_shapes(template)
        self._defaults: dict[str, Any] = {}
        self.conditions: dict[str, str] = {}  # the defaults of params that follow from others
        # All values are read first: the entries of the first instance become those of the template.
        self.slots = list(self._slots())
        for entry, key, values in self.slots:
            entry.parameters[key] = self._value(entry, key, values)
        for entry, flags in self._optional():
            entry.keys["when"] = "=" + self._condition(entry, flags)
        names = self._names()
        for entry in template.cells:
            parameters = {key: _named(value, names) for key, value in entry.parameters.items()}
            entry.parameters = without_defaults(entry, parameters)
            entry.keys = {key: _named(value, names) for key, value in entry.keys.items()}
        self.conditions = {key.format(*names): "=" + text.format(*names) for key, text in self.conditions.items()}
        self.known = [known._replace(name=name) for known, name in zip(self.known, names)]

    def _slots(self) -> Iterator[tuple[Entry, str, list[Any]]]:
        """Every parameter of every entry, with its values by instance."""
        for entry, cells in self.template.cells.items():
            keys = dict.fromkeys(key for cell in cells if cell is not None for key in cell.parameters)
            for key in keys:
                yield entry, key, [UNSET if cell is None else value_of(entry, cell.parameters, key) for cell in cells]

    def _value(self, entry: Entry, key: str, values: list[Any]) -> Any:
        if any(isinstance(value, Stepwise) for value in values):
            first = self._value(entry, key, [value.first if isinstance(value, Stepwise) else value for value in values])
            others = self._value(
                entry, key, [value.others if isinstance(value, Stepwise) else value for value in values]
            )
            return Stepwise(first, others)
        given = [value for value in values if value is not UNSET]
        if not differ(values):
            return given[0]
        text = self._expression(entry, key, values)
        if text is None:
            text = self._new(entry, key, values)
        return "=" + text

    def _expression(self, entry: Entry, key: str, values: list[Any]) -> str | None:
        """The value as an expression over the input and the params that exist; None where it does not follow."""
        if not all(value is UNSET or type(value) is int for value in values):
            return next((known.name for known in self.known if agree(known.values, values)), None)
        origin = _origin(entry, key)
        channels = [None if cell is None or not cell.in_shape else cell.in_shape[0] for cell in self._cells(entry)]
        if origin in CHANNELS:
            same = [known for known in self.known if known.origin in CHANNELS]
            from_input = "in_channels" if agree(channels, values) else None
            equal = next((known.name for known in same if agree(known.values, values)), None)
            first, second = (from_input, equal) if origin != "out_channels" else (equal, from_input)
            return first or second or _multiple(same, values) or ratio("in_channels", channels, values)
        own = sorted(self.known, key=lambda known: known.entry is not entry)
        if origin in CELLS:
            for known in own:
                if known.origin == origin and agree(known.values, values):
                    return known.name
                if origin == "padding" and known.origin == "dilation" and agree(known.values, values):
                    return known.name
                if origin == "padding" and known.origin == "kernel_size" and agree(halves(known.values), values):
                    return f"{known.name} // 2"
            return None
        return next((known.name for known in own if known.origin == origin and agree(known.values, values)), None)

    def _cells(self, entry: Entry) -> list[Cell | None]:
        return self.template.cells[entry]

    def _new(self, entry: Entry, key: str, values: list[Any]) -> str:
        """A param of its own for this value."""
        name = f"{{{len(self.known)}}}"
        self.known.append(Known(name, _origin(entry, key), key, entry, values))
        return name

    def _names(self) -> list[str]:
        """The names of all params: short where one has its kind for itself, else with the place that it sets."""
        outs = sum(_short(known) == "out" for known in self.known)
        names: list[str] = []
        taken = {*FUNCTION_NAMES, *ENTRY_KEYS, "index", "row"}
        shown = [self.places.get(known.entry, "") for known in self.known]
        bases = Counter(place.rstrip("0123456789").rstrip("_") for place in dict.fromkeys(shown))
        for known, place in zip(self.known, shown):
            base = place.rstrip("0123456789").rstrip("_")
            place = base if base and bases[base] == 1 and place[len(base) :].startswith("_") else place
            short = _short(known)
            if known.origin == "when":
                candidates = [place, f"with_{known.entry.type}"]
            elif short == "out" and outs > 1:
                candidates = [place, f"{place}_out"]
            elif short == "out" and not self._is_last(known):
                candidates = ["width"]
            else:
                candidates = [short, f"{place}_{short}"]
            names.append(_free(candidates, taken))
            taken.add(names[-1])
        return names

    def _is_last(self, known: Known) -> bool:
        """Whether a param sets the channels that the block gives."""
        setting = [
            entry for entry in self.template.cells if any(_origin(entry, key) in OUTS for key in entry.parameters)
        ]
        return not setting or known.entry is setting[-1] or any(
            value == "=" + known.name for value in setting[-1].parameters.values()
        )  # fmt: skip

    def _optional(self) -> Iterator[tuple[Entry, list[Any]]]:
        """The entries that some instances leave out, and whether each instance has them.

        It is unset where an instance leaves out the container around the entry.
        """
        yield from self._optional_of(self.template.entries, [True] * self.template.count)

    def _optional_of(self, entries: Sequence[Entry], around: list[bool]) -> Iterator[tuple[Entry, list[Any]]]:
        for entry in entries:
            has = [cell is not None for cell in self.template.cells[entry]]
            flags = [each if there else UNSET for each, there in zip(has, around)]
            if False in flags:
                yield entry, flags
            yield from self._optional_of(entry.inner, has)

    def _condition(self, entry: Entry, flags: list[Any]) -> str:
        """When the entry is there, as an expression over the params."""
        for known in self.known:
            if agree(known.values, flags):
                return known.name
            if known.origin == "stride" and all(type(value) is int for value in known.values):
                if agree([value > 1 for value in known.values], flags):
                    return f"{known.name} > 1"
                if agree([value == 1 for value in known.values], flags):
                    return f"{known.name} == 1"
        name = self._new(entry, "when", list(flags))
        text = self._rule(flags)
        if text is not None:
            self.conditions[name] = text
        return name

    def _rule(self, flags: list[Any]) -> str | None:
        """When the entry is there, by the stride and the channels of the block; None where it follows no such rule."""
        if not all(self.in_shapes):
            return None  # what some instances read is not known
        channels = [shape[0] for shape in self.in_shapes]
        strides: list[tuple[str, list[Any]]] = [
            (known.name, known.values) for known in self.known if known.origin == "stride" and UNSET not in known.values
        ]
        for text, outs in self._outs():
            same = [channel == out for channel, out in zip(channels, outs)]
            if agree(same, flags):
                return f"in_channels == {text}"
            if agree([not each for each in same], flags):
                return f"in_channels != {text}"
            for stride, values in strides:
                keeps = [value == 1 and each for value, each in zip(values, same)]
                if agree(keeps, flags):
                    return f"{stride} == 1 and in_channels == {text}"
                if agree([not each for each in keeps], flags):
                    return f"{stride} > 1 or in_channels != {text}"
        return None

    def _outs(self) -> Iterator[tuple[str, list[Any]]]:
        """The channels that the entries give, as expressions over params, with their values by instance."""
        for entry, key, values in reversed(self.slots):
            text = str(entry.parameters.get(key))
            if _origin(entry, key) in OUTS and "in_channels" not in text and UNSET not in values:
                yield text.removeprefix("="), values

    def defaults(self) -> dict[str, Any]:
        """The params with their defaults: the value of most uses, or null where no value is usual."""
        return {known.name: self.conditions.get(known.name, usual(known.values)) for known in self.known}

    def arguments(self, instance: int) -> dict[str, Any]:
        """The values of all params in one instance."""
        defaults = self._defaults = self._defaults or self.defaults()
        values = {
            known.name: defaults[known.name] if known.name in self.conditions else known.values[instance]
            for known in self.known
        }
        return {name: defaults[name] if value is UNSET else value for name, value in values.items()}

    def origins(self) -> dict[str, str]:
        """The key of a layer that each param sets in the end."""
        return {known.name: known.origin for known in self.known}


def value_of(entry: Entry, parameters: Mapping[str, Any], key: str) -> Any:
    """The value of a parameter of an entry with these parameters, given or not; pooling has the kernel as stride."""
    if key in parameters:
        return parameters[key]
    default = default_of(entry, key)
    return parameters.get("kernel_size") if key == "stride" and default is None else default


def default_of(entry: Entry, key: str) -> Any:
    """The value of a parameter that is not given."""
    if entry.block is not None:
        return entry.block.params.get(key)
    layer_type = layers.find(entry.type)
    return layer_type.default(key) if layer_type is not None and key in layer_type.parameters else None


def without_defaults(entry: Entry, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are not what the type or the block takes anyway."""
    return {key: value for key, value in parameters.items() if not _is_default(entry, key, value)}


def _is_default(entry: Entry, key: str, value: Any) -> bool:
    default = default_of(entry, key)
    return type(default) is type(value) and bool(default == value)


def _origin(entry: Entry, key: str) -> str:
    return entry.block.origins.get(key, key) if entry.block is not None else key


def _short(known: Known) -> str:
    """The short name of a param: that of the layer's key, or the name of the param of an inner block."""
    if known.entry.block is None or known.origin in SHORT:
        return SHORT.get(known.origin, known.key)
    return known.key


def _free(candidates: Sequence[str], taken: set[str]) -> str:
    """The first candidate that can be the name of a param and is free, or the last with a number."""
    names = [name for name in candidates if name.isidentifier() and not iskeyword(name) and not name.startswith("in_")]
    names = names or ["value"]
    numbered = (f"{names[-1]}_{number}" for number in count(2))
    return next(name for name in (*names, *islice(numbered, len(taken) + 1)) if name not in taken)


def _named(value: Any, names: Sequence[str]) -> Any:
    """A value with the names of the params in its expressions."""
    if isinstance(value, Stepwise):
        return Stepwise(_named(value.first, names), _named(value.others, names))
    return value.format(*names) if isinstance(value, str) and value.startswith("=") else value


def _multiple(known: Sequence[Known], values: Sequence[Any]) -> str | None:
    return next((text for each in known if (text := ratio(each.name, each.values, values)) is not None), None)


def _input_shapes(template: Template) -> list[Shape]:
    """What the block reads first, in each instance; empty where nothing reads it."""
    return [_input_shape(template, index) for index in range(template.count)]


def _input_shape(template: Template, index: int) -> Shape:
    cells = {entry: cell for entry, each in template.cells.items() if (cell := each[index]) is not None}
    reads, present = {entry: entry.reads for entry in template.cells}, set(cells)
    for entry, cell in cells.items():
        if entry.reads and resolved(entry.reads[0], present, reads) == Ref(Argument(0)):
            return cell.in_shape
    return ()
