"""The unknowns of a network: keys as in a sweep, each with a range. Where none is given, the kind of key decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from convcalc import api, layers
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.language.spec import MERGES
from convcalc.layers.base import LayerType
from convcalc.network.graph import Graph, Node
from convcalc.network.trace import Trace
from convcalc.solving.choices import OF_CELLS, PADDING, Place, choices
from convcalc.sweeping.axes import VARIANT, Axis, axis_texts, parse_axis
from convcalc.sweeping.inputs import AXES, INPUT, SIZE, is_of_input
from convcalc.targets.target import Target
from convcalc.text.source import as_plain

SMALLEST_RANGE = 64
TIMES = 8  # the present value
GROWTH = 8
CELLS = (64, 64, 16)  # the largest kernel, stride, dilation or padding, by how many keys are unknown
SCALES = "0.05..4:0.05"  # of a param that is a number with a fraction; one that is 1 may be a scale, too
SCALES_OR_COUNTS = "0.05..0.95:0.05,1..64"
FACTORS = (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4)
INPUT_SIZES = range(1, 601)
WORDS: dict[str, list[Any]] = {"trainable": [False, True], "merge": list(MERGES), "axis": [0, 1, 2]}


@dataclass(frozen=True, slots=True)
class Unknown:
    """An unknown with the values to try, and the values that its keys have at present; None where one is not known.

    `is_chosen` says that no range was given, and `may_grow` that the range may then become larger. `further` are values
    to try where no other fits, such as paddings of one cell more behind the map; `range_text` has the values in words.
    """

    axis: Axis
    present: tuple[Any, ...]
    is_chosen: bool = False
    may_grow: bool = False
    further: tuple[Any, ...] = ()
    range_text: str = ""

    @property
    def place(self) -> int:
        """The place of the present value, or of the value nearest to it; the first where it is not known."""
        present = self.present[0] if len(self.present) == 1 else self.present
        values = [self.axis.values[place] for place in range(self.axis.size)]
        places = range(len(values))
        if _is_number(present):
            return min(
                (place for place in places if _is_number(values[place])),
                key=lambda place: abs(values[place] - present),
                default=0,
            )
        return next((place for place in places if values[place] == present), 0)

    @property
    def last(self) -> Any:
        """The last value to try."""
        return self.axis.values[self.axis.size - 1]

    def with_further(self) -> Unknown:
        """The same with the further values."""
        values = [*self.axis.values, *self.further]
        found = _chosen(self.axis.keys[0], values, self.present[0])
        words = ", ".join(value for value in self.further if isinstance(value, str))
        pairs = [value for value in self.further if isinstance(value, list)]
        text = f"{self.range_text}, {words}" + (f" and {pairs[0]} to {pairs[-1]}" if pairs else "")
        return replace(found, range_text=text)

    def grown(self) -> Unknown:
        """The same with a range of GROWTH times the length."""
        values = range(self.axis.values[0], GROWTH * self.last + 1)
        return _chosen(self.axis.keys[0], values, self.present[0], may_grow=True)


def _chosen(key: str, values: Sequence[Any], present: Any, *, may_grow: bool = False) -> Unknown:
    return _unknown(axis_texts({key: values})[0], present, may_grow=may_grow)


def _unknown(text: str, present: Any, *, may_grow: bool = False) -> Unknown:
    """An unknown whose range was not given, from the text of its axis."""
    values = text.partition("=")[2].removesuffix(":1")
    return Unknown(parse_axis(text), (present,), is_chosen=True, may_grow=may_grow, range_text=values)


def find_unknowns(target: Target, changes: Overrides, texts: Sequence[str]) -> list[Unknown]:
    """The unknowns of texts `KEY` or `KEY=VALUES`. Raises UsageError and SpecError."""
    if not texts:
        raise UsageError("nothing is unknown", "name a key, as in width, conv1.padding or 'conv1.padding=0..10'")
    network = _Network(target, changes, len(texts))
    found = [network.unknown(text) for text in texts]
    given = {*changes.params, *(f"{setting.layers}.{setting.key}" for setting in changes.layers)}
    keys = [key for unknown in found for key in unknown.axis.keys]
    for place, key in enumerate(keys):
        if key in given:
            raise UsageError(f"`{key}` is unknown and set", f"leave out --set {key}=…")
        if key in keys[:place]:
            raise UsageError(f"`{key}` is unknown twice", "name it once")
    return found


class _Network:
    """The network as it is at present, as far as it can be built."""

    def __init__(self, target: Target, changes: Overrides, unknowns: int) -> None:
        self.target = target
        self.changes = changes
        self.limit = CELLS[min(unknowns, len(CELLS)) - 1]
        self.trace = Trace()
        self.graph: Graph | None = None
        try:
            self.graph = api.load_target(target, changes, self.trace)
        except SpecError:
            if not self.trace.entries:
                raise  # no other value can help
        self.nodes: dict[str, Node] = {} if self.graph is None else {node.name: node for node in self.graph.nodes}

    def unknown(self, text: str) -> Unknown:
        if "=" in text:
            axis = parse_axis(text)
            present = tuple(self._present(key) for key in axis.keys)
            return Unknown(axis, present, range_text=text.partition("=")[2])
        key = text.strip()
        if "." in key and not is_of_input(key):
            return self._of_layer(key)
        params = self._params()
        if key not in params and (key == VARIANT or is_of_input(key)):
            return self._of_network(key)
        Overrides({key: None}).check_params(params, self.target.label)
        return _of_number(key, params[key])

    def _of_network(self, key: str) -> Unknown:
        if key.startswith(f"{INPUT}."):
            return _chosen(key, INPUT_SIZES, self._present(key))
        variants = self._variants()
        if key == VARIANT and variants:
            return _chosen(key, variants, self.target.variant)
        raise _no_values(key, "input=3x192x192,3x224x224" if key == INPUT else f"{key}=1,2,3")

    def _variants(self) -> list[str]:
        """The names of the variants of the file."""
        from convcalc.language.parse import parse  # only for the key `variant`

        return list(parse(self.target.source)[0].variants)

    def _params(self) -> dict[str, Any]:
        """The values of the params of the spec."""
        return next((scope.spec_params for _, scope in self.trace.entries.values()), {})

    def _present(self, key: str) -> Any:
        """The value that a key has at present; None where it is not known."""
        layer, _, name = key.rpartition(".")
        if is_of_input(key):
            return self._present_input(name)
        if not layer:
            return self.target.variant if key == VARIANT else self._params().get(key)
        names = self._matching(layer)
        node = next((self.nodes[each] for each in names if each in self.nodes), None)
        if node is not None:
            return short(node.layer.config().get(name))
        return next((self.trace.value_in_block(each, name) for each in names), None)

    def _present_input(self, name: str) -> Any:
        """The shape of the input, or its size along one axis; None where it is not known, or there are several."""
        shapes = [] if self.graph is None else list(self.graph.inputs.values())
        if len(shapes) != 1:
            return None
        sizes = {**dict(zip(AXES.get(len(shapes[0]), ()), shapes[0])), SIZE: shapes[0][-1], INPUT: list(shapes[0])}
        return sizes.get(name)

    def _matching(self, layers: str) -> list[str]:
        return [name for name in self.trace.entries if name == layers or fnmatchcase(name, layers)]

    def _of_layer(self, key: str) -> Unknown:
        layer, _, name = key.rpartition(".")
        for each in self._matching(layer):
            type_name = str(self.trace.entries[each][0].type)
            kind = layers.find(type_name)
            if kind is not None and name in kind.parameters:
                return self._of_parameter(key, kind, self.nodes.get(each))
            in_block = self.trace.value_in_block(each, name)
            if in_block is not None:
                return _of_number(key, in_block)
            if name in WORDS:
                return _chosen(key, WORDS[name], None)
        # The error that names what is there.
        api.load_target(self.target, self.changes.with_values({key: None}, keep_size=False))
        raise _no_values(key)

    def _of_parameter(self, key: str, kind: LayerType, node: Node | None) -> Unknown:
        name = key.rpartition(".")[2]
        present = self._present(key)
        is_of_cells = name in OF_CELLS or name.endswith(PADDING)
        if isinstance(present, int) and not isinstance(present, bool) and present > 0 and not is_of_cells:
            return _of_count(key, present)
        shapes = self.graph.input_shapes(node) if self.graph is not None and node is not None else ((SMALLEST_RANGE,),)
        found = choices(name, Place(kind, shapes, None, 1))
        if found is None:
            raise _no_values(key)
        values = [value for value in found.values if not isinstance(value, int) or value <= self.limit]
        is_range = values == list(range(values[0], values[0] + len(values))) if type(values[0]) is int else False
        chosen = _chosen(key, range(values[0], values[-1] + 1) if is_range and len(values) > 1 else values, present)
        return replace(chosen, further=tuple(value for value in found.further if _is_small(value, self.limit)))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_small(value: Any, limit: int) -> bool:
    """Whether a word, or a list with a pair for each axis, has no number above a limit."""
    return not isinstance(value, list) or max(value[0]) <= limit


def _of_number(key: str, value: Any) -> Unknown:
    """The range of a param, from the value that it has at present."""
    if isinstance(value, bool):
        return _chosen(key, [False, True], value)
    if value == 1 or (isinstance(value, float) and 0 < value <= 4):
        scales = SCALES if isinstance(value, float) else SCALES_OR_COUNTS
        return _unknown(f"{key}={scales}", value)
    if isinstance(value, int) and value >= 0:
        return _of_count(key, value)
    if isinstance(value, float):
        return _chosen(key, [value * factor for factor in FACTORS], value)
    raise _no_values(key)


def _of_count(key: str, value: int) -> Unknown:
    return _chosen(key, range(min(value, 1), max(SMALLEST_RANGE, TIMES * value) + 1), value, may_grow=True)


def _no_values(key: str, example: str = "") -> UsageError:
    return UsageError(f"there are no usual values of `{key}`", f"give them, as in '{example or f'{key}=1,2,3'}'")


def short(value: Any) -> Any:
    """A value as short as it can be written.

    >>> short(((2, 2), (2, 2))), short((3, 1)), short("same")
    (2, [3, 1], 'same')
    """
    if isinstance(value, (tuple, list)):
        items = [short(item) for item in value]
        return items[0] if items and all(item == items[0] for item in items) else items
    return as_plain(value)
