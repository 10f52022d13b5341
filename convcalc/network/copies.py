"""Copies of an entry: rows, repeat and when."""

from __future__ import annotations

from collections.abc import Callable

from convcalc import bounds
from convcalc.language.expression_errors import UnknownValue
from convcalc.layers.parameters import show, whole_number
from convcalc.network.construction import Construction
from convcalc.network.identity import name_of, type_of
from convcalc.network.references import first_tensor_read, tensors_read
from convcalc.network.rows import column_names, rows_have_names, rows_of, written_names
from convcalc.network.scope import Level, Named, Scope
from convcalc.network.site import Site
from convcalc.network.values import Reported, names_in
from convcalc.text.source import Expression

# The keys that make copies of an entry, or leave it out.
COPYING = frozenset(("rows", "repeat", "when"))

# Expands one copy of an entry, under a name of its own or under the number that is given.
ExpandOne = Callable[[Site, str | None], Named]


class Copies:
    """Makes copies in a row, each reading the one before: of a block with several outputs all of them, in order.

    They are NAME.0, NAME.1, …; of rows that are repeated as well NAME.0.0, NAME.0.1, …; rows with names of their own
    need no number.
    """

    __slots__ = ("construction", "expand_one")

    def __init__(self, construction: Construction, expand_one: ExpandOne) -> None:
        self.construction = construction
        self.expand_one = expand_one

    def expand(self, site: Site) -> Named:
        """Expand an entry that has rows, repeat or when; what its last copy gives."""
        first = first_tensor_read(site)
        if _is_left_out(site.within(site.scope, [first])):
            site.reads = tensors_read(site) if _output_count(site) > 1 else [first]
            return _leave_out(site, _passed_on(site))
        site.reads = tensors_read(site)
        if site.entry.has("rows"):
            return self._rows(site)
        if site.entry.has("repeat"):
            return self._repeated(site)
        return self.expand_one(site, None)

    def _rows(self, site: Site) -> Named:
        rows, scope = rows_of(site), site.scope
        copy: Named | None = None
        if rows_have_names(site):
            for row in rows:
                copy = self._row(site.within(scope.of_row(row)), copy)
            return copy or site.skipped(_passed_on(site))
        type_name = type_of(site.within(scope.of_row(rows[0]))) if rows else str(site.entry.type)
        group, inner = self._open_group(site, name_of(site, type_name))
        for row in rows:
            copy = self._row(site.within(inner.of_row(row)), copy, str(row.number))
        return self._close_group(group, copy)

    def _row(self, site: Site, before: Named | None, name: str | None = None) -> Named:
        """The copies of one row, which read what the row before gives."""
        site.reads = _chained(site, before)
        if "from" in site.columns and not site.entry.has("from"):
            site.reads = tensors_read(site)
            site.reads = _chained(site, before)
        return self._repeated(site, name) if site.has("repeat") else self._copy(site, name)

    def _repeated(self, site: Site, name: str | None = None) -> Named:
        """The copies of `repeat`, collected under one name."""
        count = _repeat_count(site)
        group, inner = self._open_group(site, name if name is not None else name_of(site, type_of(site)))
        copy: Named | None = None
        for index in range(count):
            copy = self._copy(site.within(inner.with_values({"index": index}), _chained(site, copy)), str(index))
        return self._close_group(group, copy)

    def _open_group(self, site: Site, name: str) -> tuple[Named, Scope]:
        """A name that collects copies, and the scope in which they are numbered."""
        site.record(name)
        outer, count = site.scope.level, len(self.construction.nodes)
        level = Level(f"{outer.prefix}{name}.", outer)
        passed_on = site.skipped(_passed_on(site))
        group = Named(passed_on.tensor, count, count, level, copies=level.names, outputs=passed_on.outputs)
        outer.names[name] = group
        return group, site.scope.inside(level)

    def _close_group(self, group: Named, last: Named | None) -> Named:
        group.last = len(self.construction.nodes)
        if last is not None:
            group.tensor, group.outputs = last.tensor, last.outputs
        group.skipped = not group.copies  # without copies the name means what they would have read
        return group

    def _copy(self, site: Site, name: str | None) -> Named:
        """One copy; `name` is its number, None where it has a name of its own."""
        if site.has("when") and not site.truth("when"):
            name = name or name_of(site, str(site.entry.type))
            site.record(name)
            skipped = site.scope.level.names[name] = site.skipped(_passed_on(site))
            return skipped
        try:
            return self.expand_one(site, name)
        except (Reported, UnknownValue):
            first = len(self.construction.nodes)
            broken = Named(self.construction.add_unknown_tensor(), first, first + 1)
            if name is not None:
                site.scope.level.names.setdefault(name, broken)
            return broken


def _is_left_out(site: Site) -> bool:
    """Whether `when` is false for the entry as a whole; one that reads a row or an index is asked for each copy."""
    entry = site.entry
    if not entry.has("when"):
        return False
    when = entry.get("when")
    if isinstance(when, Expression) and (entry.has("rows") or entry.has("repeat")):
        if names_in(when) & {"index", "row", *column_names(site)}:
            return False
    return not site.truth("when")


def _leave_out(site: Site, tensors: list[int]) -> Named:
    """Let the names of an entry whose `when` is false mean what it would have read."""
    skipped = site.skipped(tensors)
    for name in (site.entry.get("name"), *written_names(site.entry.get("rows"))):
        if isinstance(name, str):
            site.record(name)
            site.scope.level.names[name] = skipped
    return skipped


def _output_count(site: Site) -> int:
    """How many outputs the entry has: more than one for a block that names them."""
    block = site.construction.spec.blocks.get(site.entry.type) if isinstance(site.entry.type, str) else None
    return len(block.outputs.items) if block is not None and block.outputs is not None else 1


def _passed_on(site: Site) -> list[int]:
    """What an entry gives that is left out: the first of what it reads, or as many as it has outputs."""
    return site.reads[: _output_count(site)]


def _chained(site: Site, before: Named | None) -> list[int]:
    """What a copy reads: the outputs of the copy before in place of the first that the entry reads."""
    if before is None:
        return site.reads
    if len(before.tensors) > len(site.reads):
        message = f"{len(before.tensors)} outputs of a copy do not fit the {len(site.reads)} inputs of the next"
        help = "a block that is repeated has an input for each of its outputs, in the same order"
        raise site.refuse("wrong-inputs", message, help=help)
    return [*before.tensors, *site.reads[len(before.tensors) :]]


def _repeat_count(site: Site) -> int:
    value, mark = site.value("repeat"), site.mark("repeat")
    count = whole_number(value)
    if count is None or count < 0:
        raise site.refuse("wrong-value", f"repeat must be a whole number of 0 or more, not {show(value)}", mark)
    if count > bounds.MAX_LAYERS:
        message = f"repeat: {show(value)} makes more than {bounds.MAX_LAYERS:,} layers"
        raise site.refuse("too-large", message, mark, bounds.how_to_raise("MAX_LAYERS"))
    return count
