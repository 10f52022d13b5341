"""Copies of an entry, by the keys `rows`, `repeat` and `when`."""

from __future__ import annotations

from collections.abc import Callable

from convcalc import bounds
from convcalc.language.expression_errors import UnknownValue
from convcalc.layers.parameters import show, whole_number
from convcalc.network.construction import Construction
from convcalc.network.identity import name_of, type_of
from convcalc.network.references import first_tensor_read, tensors_read
from convcalc.network.rows import column_names, rows_have_names, rows_of, written_names
from convcalc.network.scope import Binding, Level, Scope
from convcalc.network.site import Site
from convcalc.network.values import Reported, names_in
from convcalc.text.source import Expression

# Expands one copy of an entry; the second argument is the number of the copy, None where it has a name of its own.
ExpandOne = Callable[[Site, str | None], Binding]


class Copies:
    """Makes copies of an entry. Each copy reads the outputs of the copy before it, in order.

    The names are NAME.0, NAME.1, …; of rows with `repeat` NAME.0.0, NAME.0.1, …; a row with a name of its own needs no
    number. Copies without a name in a numbered container are members of it like any other entry.
    """

    __slots__ = ("construction", "expand_one")

    def __init__(self, construction: Construction, expand_one: ExpandOne) -> None:
        self.construction = construction
        self.expand_one = expand_one

    def expand(self, site: Site) -> Binding:
        """Expand an entry that has rows, repeat or when. Gives the binding of its last copy."""
        first = first_tensor_read(site)
        if _is_left_out(site.within(site.scope, [first])):
            site.reads = tensors_read(site) if _output_count(site) > 1 else [first]
            return _leave_out(site, _tensors_passed_on(site))
        site.reads = tensors_read(site)
        if site.entry.has("rows"):
            return self._expand_rows(site)
        if site.entry.has("repeat"):
            return self._expand_repeat(site)
        return self.expand_one(site, None)

    def _expand_rows(self, site: Site) -> Binding:
        rows, scope = rows_of(site), site.scope
        copy: Binding | None = None
        if rows_have_names(site) or _are_members(site):
            for row in rows:
                copy = self._expand_row(site.within(scope.of_row(row)), copy)
            return copy or site.skipped_binding(_tensors_passed_on(site))
        type_name = type_of(site.within(scope.of_row(rows[0]))) if rows else str(site.entry.type)
        group, inner = self._open_group(site, name_of(site, type_name))
        for row in rows:
            copy = self._expand_row(site.within(inner.of_row(row)), copy, str(row.number))
        return self._close_group(group, copy)

    def _expand_row(self, site: Site, before: Binding | None, name: str | None = None) -> Binding:
        """Expand the copies of one row, which read the outputs of the row before."""
        site.reads = _reads_of_copy(site, before)
        if "from" in site.columns and not site.entry.has("from"):
            site.reads = tensors_read(site)
            site.reads = _reads_of_copy(site, before)
        return self._expand_repeat(site, name) if site.has("repeat") else self._expand_copy(site, name)

    def _expand_repeat(self, site: Site, name: str | None = None) -> Binding:
        """Expand the copies of `repeat`, as one group."""
        count = _repeat_count(site)
        if name is None and _are_members(site):
            return self._expand_members(site, count)
        group, inner = self._open_group(site, name if name is not None else name_of(site, type_of(site)))
        copy: Binding | None = None
        for index in range(count):
            scope = inner.with_values({"index": index})
            copy = self._expand_copy(site.within(scope, _reads_of_copy(site, copy)), str(index))
        return self._close_group(group, copy)

    def _expand_members(self, site: Site, count: int) -> Binding:
        """Expand the copies of `repeat` as members of the container around them."""
        copy: Binding | None = None
        for index in range(count):
            scope = site.scope.with_values({"index": index})
            copy = self._expand_copy(site.within(scope, _reads_of_copy(site, copy)), None)
        return copy or site.skipped_binding(_tensors_passed_on(site))

    def _open_group(self, site: Site, name: str) -> tuple[Binding, Scope]:
        """The binding of a group of copies, and the scope in which the copies are numbered."""
        site.record(name)
        outer, count = site.scope.level, len(self.construction.nodes)
        level = Level(f"{outer.prefix}{name}.", outer, is_group=True)
        passed_on = site.skipped_binding(_tensors_passed_on(site))
        group = Binding(passed_on.tensor, count, count, level, copies=level.names, outputs=passed_on.outputs)
        outer.names[name] = group
        return group, site.scope.inside(level)

    def _close_group(self, group: Binding, last: Binding | None) -> Binding:
        group.last = len(self.construction.nodes)
        if last is not None:
            group.tensor, group.outputs = last.tensor, last.outputs
        group.skipped = not group.copies  # without copies the name means what the first would read
        return group

    def _expand_copy(self, site: Site, name: str | None) -> Binding:
        """Expand one copy; `name` is its number, None where it has a name of its own."""
        if site.has("when") and not site.flag("when"):
            if name is None and _are_members(site):
                return site.skipped_binding(_tensors_passed_on(site))
            name = name or name_of(site, str(site.entry.type))
            site.record(name)
            skipped = site.scope.level.names[name] = site.skipped_binding(_tensors_passed_on(site))
            return skipped
        try:
            return self.expand_one(site, name)
        except (Reported, UnknownValue):
            first = len(self.construction.nodes)
            broken = Binding(self.construction.add_unknown_tensor(), first, first + 1)
            if name is not None:
                site.scope.level.names.setdefault(name, broken)
            return broken


def _are_members(site: Site) -> bool:
    """Whether the copies of an entry are numbered one by one, by the container around them."""
    return site.scope.level.is_numbered and not site.has("name")


def _is_left_out(site: Site) -> bool:
    """Whether `when` is false for all copies. One that reads a row or an index is evaluated for each copy instead."""
    entry = site.entry
    if not entry.has("when"):
        return False
    when = entry.get("when")
    if isinstance(when, Expression) and (entry.has("rows") or entry.has("repeat")):
        if names_in(when) & {"index", "row", *column_names(site)}:
            return False
    return not site.flag("when")


def _leave_out(site: Site, tensors: list[int]) -> Binding:
    """Bind the names of an entry whose `when` is false to the tensors that it would read."""
    skipped = site.skipped_binding(tensors)
    for name in (site.entry.get("name"), *written_names(site.entry.get("rows"))):
        if isinstance(name, str):
            site.record(name)
            site.scope.level.names[name] = skipped
    return skipped


def _output_count(site: Site) -> int:
    """The number of outputs of an entry: more than one for a block with `outputs`."""
    block = site.construction.spec.blocks.get(site.entry.type) if isinstance(site.entry.type, str) else None
    return len(block.outputs.items) if block is not None and block.outputs is not None else 1


def _tensors_passed_on(site: Site) -> list[int]:
    """The first tensors that an entry reads, in place of its outputs where it is left out."""
    return site.reads[: _output_count(site)]


def _reads_of_copy(site: Site, before: Binding | None) -> list[int]:
    """The tensors that a copy reads: the outputs of the copy before, then the other tensors that the entry reads."""
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
        message = f"repeat must be a whole number of 0 or more, not {show(value)}"
        raise site.refuse("wrong-value", message, mark, site.value_help("repeat", value, {"type": "integer"}))
    if count > bounds.MAX_LAYERS:
        message = f"repeat: {show(value)} makes more than {bounds.MAX_LAYERS:,} layers"
        raise site.refuse("too-large", message, mark, bounds.how_to_raise("MAX_LAYERS"))
    return count
