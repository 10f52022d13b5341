"""What a spec and the network that it describes do not have in common, layer by layer of the spec.

What only follows from another difference, such as the shapes behind a changed layer, is not a difference of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.arith.shape import format_shape
from convcalc.drift.canonical import COMMUTATIVE, OF_TRAINING, OF_WINDOWS
from convcalc.drift.deviation import Deviation, Losses
from convcalc.drift.dropouts import other_dropouts
from convcalc.drift.pairing import Pairing
from convcalc.drift.renames import renames
from convcalc.drift.structure import Structure, foldable_norms
from convcalc.network.graph import Node
from convcalc.report.report import Report
from convcalc.report.rows import Row

# The parameters that say whether a layer has a bias.
BIASES = ("bias", "proj_bias")


class Drift:
    """The deviations of a spec from its source, in the order of the spec."""

    def __init__(self, spec: Report, source: Report, losses: Losses) -> None:
        self.losses = losses
        folded = losses.exported and bool(foldable_norms(spec)) and not foldable_norms(source)
        self.spec = Structure(spec, folded=folded)
        self.source = Structure(source)
        self.pairing = Pairing(self.spec, self.source)
        self.replaced = self._replaced()

    def deviations(self) -> Iterator[Deviation]:
        yield from self._inputs()
        for index in self.spec.layers:
            other = self.pairing.partner.get(index)
            if other is not None:
                yield from self._settings(index, other)
                yield from self._state(index, other)
                yield from self._wiring(index, other)
            elif index in self.replaced:
                yield self._replacement(index, self.replaced[index])
        yield from self._surplus()
        yield from self._missing()
        if not self.losses.exported:
            yield from other_dropouts(self.pairing)
        yield from self._outputs()
        for row, kind, message in renames(self.pairing):
            yield Deviation(row, kind, message, "name", minor=True)

    # -- the network as a whole ---------------------------------------------------------------------------------------

    def _inputs(self) -> Iterator[Deviation]:
        shapes, stated = (list(each.report.graph.inputs.values()) for each in (self.spec, self.source))
        if shapes != stated:
            written, there = (", ".join(map(format_shape, each)) for each in (shapes, stated))
            help = "`--input` gives the input of the source"
            yield Deviation(None, "input", f"the input is {written}, in the source {there}", help=help)

    def _outputs(self) -> Iterator[Deviation]:
        known = self.pairing.partner
        if len(self.spec.outputs) != len(self.source.outputs):
            message = f"it has {_outputs(len(self.spec.outputs))}, the source {_outputs(len(self.source.outputs))}"
            yield Deviation(None, "outputs", message)
            return
        for origin, other in zip(self.spec.outputs, self.source.outputs):
            there = [known.get(each, each) for each in self.spec.outputs]
            is_kept = (origin < 0 or origin in known) and (other < 0 or other in self.pairing.back)
            if is_kept and other not in there and len(self.source.outputs) == 1:
                message = f"the output is that of {self._name(self.spec, origin)}"
                yield Deviation(None, "output", f"{message}, in the source that of {self._name(self.source, other)}")

    # -- layers that both have ----------------------------------------------------------------------------------------

    def _settings(self, index: int, other: int) -> Iterator[Deviation]:
        """Other settings of a layer; where these are equal, other figures of the same input."""
        row, counterpart = self.spec.rows[index], self.source.rows[other]
        form, against = self.spec.form(index), self.source.form(other)
        layers = row.facts.layer, counterpart.facts.layer
        is_written_alike = layers[0].config() == layers[1].config() and index not in self.spec.norms
        if form == against or is_written_alike:
            yield from self._figures(row, counterpart)
            return
        keys = self._changed_keys(index, other)
        if keys == ["bias"] and index in self.spec.norms:
            norm = self.spec.rows[self.spec.norms[index]]
            message = f"it has neither a bias nor a batch norm in the source, so {norm.name} ({norm.type}) is too many"
            yield Deviation(row, "norm", message)
            return
        if not keys:  # one operation written in two ways, of which one has another window
            message = f"it is another layer in the source: {counterpart.name} ({counterpart.type})"
            yield Deviation(row, "type", message)
            return
        config, there = layers[0].config(), layers[1].config()
        if other in self.losses.biases:
            keys = [key for key in keys if key not in BIASES or there.get(key) is not False]
        if not keys:
            return
        parts = [f"{key} is {_shown(config.get(key))}, in the source {_shown(there.get(key))}" for key in keys]
        at = next((key for key in keys if self._node(index).entry.has(key)), keys[0])
        help = f"in the source it is {counterpart.name}" if counterpart.name != row.name else ""
        yield Deviation(row, ",".join(keys), "; ".join(parts), at, help, self._is_minor(index, other, keys))

    def _changed_keys(self, index: int, other: int) -> list[str]:
        """The parameters that differ, in the order of the type."""
        config = self.spec.rows[index].facts.layer.config()
        there = self.source.rows[other].facts.layer.config()
        form, against = self.spec.form(index), self.source.form(other)
        settings, stated = dict(form.settings), dict(against.settings)
        found = []
        for key in dict.fromkeys([*config, *there]):
            if key in OF_WINDOWS:
                differs = form.windows != against.windows and _value(config.get(key)) != _value(there.get(key))
            else:
                differs = key not in OF_TRAINING and settings.get(key) != stated.get(key)
            if differs:
                found.append(key)
        return found

    def _is_minor(self, index: int, other: int, keys: Sequence[str]) -> bool:
        row, counterpart = self.spec.rows[index], self.source.rows[other]
        if row.input_shapes == counterpart.input_shapes:
            figures = [(each.output_shape, each.facts.params, each.macs) for each in (row, counterpart)]
            return figures[0] == figures[1] and self.spec.form(index).windows == self.source.form(other).windows
        config = row.facts.layer.config()
        return all(isinstance(config.get(key), float) for key in keys)

    def _figures(self, row: Row, counterpart: Row) -> Iterator[Deviation]:
        if row.input_shapes != counterpart.input_shapes:
            return
        for key, value, stated in (
            ("elements of output", _count(row.output_elements), _count(counterpart.output_elements)),
            ("parameters", _count(row.facts.params), _count(counterpart.facts.params)),
        ):
            is_norm = key == "parameters" and row.index in self.spec.norms
            if value != stated and not is_norm:
                yield Deviation(row, key, f"it has {value} {key}, in the source {stated}")

    def _state(self, index: int, other: int) -> Iterator[Deviation]:
        """Shared parameters, and whether they are trained."""
        node, counterpart = self._node(index), self.source.report.graph.nodes[other]
        owner, there = node.tied_to, counterpart.tied_to
        if (owner is None) != (there is None) or (
            owner is not None and self.pairing.partner.get(owner, there) != there and there in self.pairing.back
        ):
            own = "its own parameters"
            written = own if owner is None else f"those of {self._name(self.spec, owner)}"
            stated = own if there is None else f"those of {self._name(self.source, there)}"
            yield Deviation(self.spec.rows[index], "tied", f"it uses {written}, in the source {stated}", "tied")
        if self.losses.trainable and self.spec.rows[index].facts.params and node.trainable != counterpart.trainable:
            words = "it is trained, in the source frozen" if node.trainable else "it is frozen, in the source trained"
            yield Deviation(self.spec.rows[index], "trainable", words, "trainable", minor=True)

    def _wiring(self, index: int, other: int) -> Iterator[Deviation]:
        reads = [self._kept(self.spec, origin, self.pairing.partner) for origin in self.spec.reads[index]]
        stated = [self._kept(self.source, origin, self.pairing.back) for origin in self.source.reads[other]]
        if None in reads or None in stated:
            return
        there = [origin if origin is None or origin < 0 else self.pairing.partner[origin] for origin in reads]
        if self.spec.form(index).kind in COMMUTATIVE:
            is_equal = sorted(map(str, there)) == sorted(map(str, stated))
        else:
            is_equal = there == stated
        if not is_equal:
            written = ", ".join(self._name(self.spec, origin) for origin in reads if origin is not None)
            names = ", ".join(self._name(self.source, origin) for origin in stated if origin is not None)
            yield Deviation(self.spec.rows[index], "wiring", f"it reads {written}, in the source {names}", "from")

    @staticmethod
    def _kept(structure: Structure, origin: int, paired: dict[int, int]) -> int | None:
        """The layer that both networks have behind a read, or an input; None where several lead there."""
        while origin >= 0 and origin not in paired:
            if len(structure.reads[origin]) != 1:
                return None
            origin = structure.reads[origin][0]
        return origin

    # -- layers that one of them has ----------------------------------------------------------------------------------

    def _replaced(self) -> dict[int, int]:
        """Layers of another type at the same place, by index. Those of one type become pairs."""
        found: dict[int, int] = {}
        left = [other for other in self.source.layers if other not in self.pairing.back]
        for index in self.spec.layers:
            if index in self.pairing.partner:
                continue
            place = self._place_of(self.spec, index, self.pairing.partner, self.pairing.partner)
            for other in left:
                if place == self._place_of(self.source, other, self.pairing.back, {}):
                    left.remove(other)
                    if self.spec.form(index).kind == self.source.form(other).kind:
                        self.pairing.add(index, other)
                    else:
                        found[index] = other
                    break
        return found

    def _place_of(
        self, structure: Structure, index: int, paired: dict[int, int], names: dict[int, int]
    ) -> tuple[tuple[int | None, ...], frozenset[int]]:
        """The layers around one, as layers of the source."""
        reads = tuple(origin if origin < 0 else (names.get(origin, origin) if origin in paired else None)
                      for origin in structure.reads[index])  # fmt: skip
        readers = [reader for reader, _ in structure.readers[index]]
        return reads, frozenset(names.get(reader, reader) if reader in paired else -1 for reader in readers)

    def _replacement(self, index: int, other: int) -> Deviation:
        counterpart = self.source.rows[other]
        message = f"in the source it is {counterpart.name} ({counterpart.type})"
        return Deviation(self.spec.rows[index], "replaced", message)

    def _surplus(self) -> Iterator[Deviation]:
        left = [each for each in self.spec.layers if each not in self.pairing.partner and each not in self.replaced]
        left = [each for each in left if not _is_idle_in(self.source, self.spec.rows[each])]
        for group in _runs(left, self.spec.layers):
            first, *others = [self.spec.rows[index] for index in group]
            more = f", nor {_further(len(others))} to {others[-1].name} ({others[-1].type})" if others else ""
            yield Deviation(first, "surplus", f"it is not in the source{more}")

    def _missing(self) -> Iterator[Deviation]:
        known = {*self.pairing.back, *self.replaced.values()}
        left = [each for each in self.source.layers if each not in known]
        left = [each for each in left if not _is_idle_in(self.spec, self.source.rows[each])]
        for group in _runs(left, self.source.layers):
            rows = [self.source.rows[index] for index in group]
            params = sum(row.facts.params or 0 for row in rows)
            what = f"{rows[0].name} ({rows[0].type})"
            if len(rows) > 1:
                what = f"{len(rows)} layers more, {what} to {rows[-1].name} ({rows[-1].type})"
            what += f", with {params:,} parameters" if params else ""
            origin = self._kept(self.source, (self.source.reads[group[0]] or (-1,))[0], self.pairing.back)
            kind = f"missing {rows[0].type}"
            if origin is not None and origin >= 0:
                row: Row | None = self.spec.rows[self.pairing.back[origin]]
                yield Deviation(row, kind, f"behind it the source has {what}")
            else:
                yield self._missing_at_the_beginning(group, kind, what)

    def _missing_at_the_beginning(self, group: Sequence[int], kind: str, what: str) -> Deviation:
        for index in group:
            for reader, _ in self.source.readers[index]:
                if reader in self.pairing.back:
                    row = self.spec.rows[self.pairing.back[reader]]
                    return Deviation(row, kind, f"before it the source has {what}")
        return Deviation(None, kind, f"the source has {what}")

    # -- words --------------------------------------------------------------------------------------------------------

    def _node(self, index: int) -> Node:
        return self.spec.report.graph.nodes[index]

    def _name(self, structure: Structure, origin: int) -> str:
        return list(structure.report.graph.inputs)[-1 - origin] if origin < 0 else structure.rows[origin].name


def _is_idle_in(structure: Structure, row: Row) -> bool:
    """Whether a network has the same layer, where it does nothing: a pooling to a size that the map has there."""
    layer = row.facts.layer
    return any(
        form is None and other.type == row.type and other.config == layer.config()
        for form, other in zip(structure.forms, structure.rows)
    )


def _runs(left: Sequence[int], layers: Sequence[int]) -> Iterator[list[int]]:
    """The layers that follow each other among all of them, in groups."""
    places = {index: place for place, index in enumerate(layers)}
    group: list[int] = []
    for index in left:
        if group and places[index] != places[group[-1]] + 1:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def _further(count: int) -> str:
    return "is the next layer," if count == 1 else f"are the next {count} layers,"


def _outputs(count: int) -> str:
    return f"{count} output{'s' if count != 1 else ''}"


def _count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _value(value: object) -> object:
    """A value for a comparison: equal sizes on every axis are one number."""
    if isinstance(value, tuple) and value and all(item == value[0] for item in value):
        return _value(value[0])
    return value


def _shown(value: object) -> str:
    value = _value(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
