"""Copies of an entry: rows, repeat and when."""

from __future__ import annotations

from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import ENTRY_KEYS, FUNCTION_NAMES, Entry
from convcalc.layers.parameters import show, whole_number
from convcalc.network.expanding import Expander
from convcalc.network.scope import Level, Named, Scope, TableRow
from convcalc.network.values import Reported
from convcalc.text.source import Expression, Value, YamlList


class Copier(Expander):
    """Makes copies in a row, each reading the one before.

    They are NAME.0, NAME.1, …; of rows that are repeated as well NAME.0.0, NAME.0.1, …; rows that bring names of their
    own need no number.
    """

    def copies(self, entry: Entry, scope: Scope, previous: int) -> int:
        first = self.first_read(entry, scope, previous)
        if self.is_skipped(entry, scope, first):
            return self.skip(entry, scope, first)
        reads = self.reads(entry, scope, previous)
        if not entry.has("rows"):
            if not entry.has("repeat"):
                return self.single(entry, scope, reads).tensor
            return self.repeated(entry, scope, reads).tensor
        rows = self.rows(entry, scope, self.known_shape(reads[0]))
        if self.rows_have_names(entry, scope, reads[0]):
            for row in rows:
                reads = self.row(entry, scope.of_row(row), reads)
            return reads[0]
        type_name = self.type_of(entry, scope.of_row(rows[0]), reads) if rows else str(entry.type)
        name = self.name_of(entry, scope, reads, type_name)
        self.meet(name, entry, scope)
        group, level = self.open_group(scope, reads, name)
        for row in rows:
            reads = self.row(entry, scope.inside(level).of_row(row), reads, str(row.number))
        return self.close_group(group, reads).tensor

    def row(self, entry: Entry, scope: Scope, reads: list[int], name: str | None = None) -> list[int]:
        """The copies of one row; what the next row reads."""
        if "from" in scope.columns_of(entry) and not entry.has("from"):
            own = self.reads(entry, scope, reads[0])
            assert scope.row is not None
            reads = own if scope.row.number == 0 else [reads[0], *own[1:]]
        if self.has(entry, "repeat", scope):
            return [self.repeated(entry, scope, reads, name).tensor, *reads[1:]]
        return [self.copy(entry, scope, reads, name).tensor, *reads[1:]]

    def repeated(self, entry: Entry, scope: Scope, reads: list[int], name: str | None = None) -> Named:
        """The copies of `repeat`, collected under one name."""
        count = self.repeat_count(entry, scope, reads)
        if name is None:
            name = self.name_of(entry, scope, reads, self.type_of(entry, scope, reads))
        self.meet(name, entry, scope)
        group, level = self.open_group(scope, reads, name)
        inner = scope.inside(level)
        for index in range(count):
            reads = [self.copy(entry, inner.with_values({"index": index}), reads, str(index)).tensor, *reads[1:]]
        return self.close_group(group, reads)

    def open_group(self, scope: Scope, reads: list[int], name: str) -> tuple[Named, Level]:
        """A name that collects copies, and the level on which they are numbered."""
        level = Level(f"{scope.level.prefix}{name}.", scope.level)
        group = Named(reads[0], len(self.nodes), len(self.nodes), level)
        group.copies = level.names
        scope.level.names[name] = group
        return group, level

    def close_group(self, group: Named, reads: list[int]) -> Named:
        group.tensor, group.last = reads[0], len(self.nodes)
        group.skipped = not group.copies  # no copies: the name stands for what they would have read
        return group

    def copy(self, entry: Entry, scope: Scope, reads: list[int], name: str | None) -> Named:
        """One copy; `name` is its number, None where it has a name of its own."""
        if self.has(entry, "when", scope) and not self.truth(entry, "when", scope, self.known_shape(reads[0])):
            skipped = Named(reads[0], len(self.nodes), len(self.nodes), skipped=True)
            name = name or self.name_of(entry, scope, reads, str(entry.type))
            self.meet(name, entry, scope)
            scope.level.names[name] = skipped
            return skipped
        try:
            return self.single(entry, scope, reads, name)
        except (Reported, UnknownValue):
            first = len(self.nodes)
            broken = Named(self.unknown_tensor(), first, first + 1)
            if name is not None:
                scope.level.names.setdefault(name, broken)
            return broken

    # -- when ----------------------------------------------------------------------------------------------------

    def is_skipped(self, entry: Entry, scope: Scope, tensor: int) -> bool:
        """Whether `when` is false for the entry as a whole; one that speaks of a copy is asked copy by copy."""
        when = entry.get("when")
        if not entry.has("when"):
            return False
        if isinstance(when, Expression) and (entry.has("rows") or entry.has("repeat")):
            if _names(when) & {"index", "row", *self.header(entry, scope, tensor)}:
                return False
        return not self.truth(entry, "when", scope, self.known_shape(tensor))

    def skip(self, entry: Entry, scope: Scope, tensor: int) -> int:
        """Let the names of an entry whose `when` is false stand for what it would have read."""
        names: list[Value] = [entry.get("name")]
        rows = entry.get("rows")
        if isinstance(rows, YamlList) and "name" in (header := _words(rows.items[:1])):
            place = header.index("name")
            names += [
                row.items[place] for row in rows.items[1:] if isinstance(row, YamlList) and len(row.items) > place
            ]
        for name in names:
            if isinstance(name, str):
                self.meet(name, entry, scope)
                scope.level.names[name] = Named(tensor, len(self.nodes), len(self.nodes), skipped=True)
        return tensor

    def repeat_count(self, entry: Entry, scope: Scope, reads: list[int]) -> int:
        shape = self.known_shape(reads[0])
        value = self.value(entry, "repeat", scope, shape)
        count = whole_number(value)
        mark = self.mark(entry, "repeat", scope)
        if count is None or count < 0:
            raise self.refuse(
                "wrong-value", f"repeat must be a whole number of 0 or more, not {show(value)}", mark, scope
            )
        if count > bounds.MAX_LAYERS:
            raise self.refuse(
                "too-large", f"repeat: {show(value)} makes more than {bounds.MAX_LAYERS:,} layers", mark, scope,
                help=bounds.how_to_raise("MAX_LAYERS"),
            )  # fmt: skip
        return count

    # -- rows ----------------------------------------------------------------------------------------------------

    def header(self, entry: Entry, scope: Scope, tensor: int) -> list[str]:
        """The column names of an entry's rows; a table that is computed is evaluated for them."""
        rows = entry.get("rows")
        if isinstance(rows, YamlList):
            return _words(rows.items[:1])
        if isinstance(rows, Expression):
            table = self.value(entry, "rows", scope, self.known_shape(tensor))
            if isinstance(table, list) and table and isinstance(table[0], list):
                return [str(word) for word in table[0]]
        return []

    def rows_have_names(self, entry: Entry, scope: Scope, tensor: int) -> bool:
        """Whether each row names its copies itself: by a column, or by a name computed from the row."""
        header, name = self.header(entry, scope, tensor), entry.get("name")
        if isinstance(name, Expression):
            return bool(_names(name) & {"row", *header})
        return "name" in header and not entry.has("name")

    def rows(self, entry: Entry, scope: Scope, shape: Shape | None) -> list[TableRow]:
        """The rows of an entry's table below its header, checked."""
        table = self.value(entry, "rows", scope, shape)
        mark, raw = entry.mark_of("rows"), entry.get("rows")
        if not isinstance(table, list) or not table or not isinstance(table[0], list):
            help = "the first row names the columns"
            raise self.refuse("wrong-value", "rows must be a list of lists", mark, scope, help=help)
        header, *rows = table
        raw_rows: list[Value] = raw.items if isinstance(raw, YamlList) else [None] * len(table)
        places = list(raw.marks) if isinstance(raw, YamlList) else [mark] * len(table)
        self.check_header(header, raw_rows[0], mark, scope)
        found: list[TableRow] = []
        broken: Reported | None = None
        for number, (row, raw_row, place) in enumerate(zip(rows, raw_rows[1:], places[1:])):
            if not isinstance(row, list) or len(row) != len(header):
                count = f"{len(row)} values" if isinstance(row, list) else f"{show(row)}, no list,"
                message = f"this row has {count} for {len(header)} columns"
                help = "the columns are " + ", ".join(header)
                broken = self.refuse("wrong-value", message, place, scope, help=help)
                continue
            marks = dict(zip(header, raw_row.marks)) if isinstance(raw_row, YamlList) else {}
            found.append(TableRow(entry, number, dict(zip(header, row)), marks))
        if broken is not None:
            raise broken
        return found

    def check_header(self, header: list[Any], raw: Value, mark: int, scope: Scope) -> None:
        for index, column in enumerate(header):
            place = raw.marks[index] if isinstance(raw, YamlList) else mark
            if not isinstance(column, str) or not (column.isidentifier() or column in ENTRY_KEYS):
                raise self.refuse("bad-name", f"{show(column)} cannot name a column", place, scope)
            if column in FUNCTION_NAMES or column in ("index", "row") or column.startswith("in_"):
                message = f"a column cannot be called `{column}`: the word has a meaning of its own in expressions"
                raise self.refuse("taken-name", message, place, scope, help="choose another name")
            if column in header[:index]:
                raise self.refuse("bad-name", f"the column `{column}` stands twice", place, scope)


def _words(rows: list[Value]) -> list[str]:
    return [str(word) for row in rows if isinstance(row, YamlList) for word in row.items]


def _names(expression: Expression) -> set[str]:
    from convcalc.language.expressions import names_in

    return names_in(expression)
