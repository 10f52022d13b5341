"""The table in the key `rows` of an entry, which makes a copy of the entry for each row."""

from __future__ import annotations

from typing import Any

from convcalc.language.spec import ENTRY_KEYS, FUNCTION_NAMES, Entry
from convcalc.layers.parameters import show
from convcalc.network.site import Site
from convcalc.network.values import Reported, names_in
from convcalc.plain_tuple import PlainTuple
from convcalc.text.source import Expression, Mark, Value, YamlList


class TableRow(PlainTuple):
    """One row of an entry's table: its number, the value of each column, and the mark of each cell."""

    entry: Entry
    number: int
    columns: dict[str, Any]
    marks: dict[str, Mark]


def rows_of(site: Site) -> list[TableRow]:
    """The rows of the table below its header. Raises Reported where the table is wrong."""
    table, mark, raw = site.value("rows"), site.entry.mark_of("rows"), site.entry.get("rows")
    if not isinstance(table, list) or not table or not isinstance(table[0], list):
        raise site.refuse("wrong-value", "rows must be a list of lists", mark, "the first row names the columns")
    header, *rows = table
    raw_rows: list[Value] = raw.items if isinstance(raw, YamlList) else [None] * len(table)
    marks = list(raw.marks) if isinstance(raw, YamlList) else [mark] * len(table)
    _check_header(site, header, raw_rows[0], mark)
    result: list[TableRow] = []
    refused: Reported | None = None
    for number, (row, raw_row, place) in enumerate(zip(rows, raw_rows[1:], marks[1:])):
        if not isinstance(row, list) or len(row) != len(header):
            count = f"{len(row)} values" if isinstance(row, list) else f"{show(row)}, not a list,"
            message = f"this row has {count} for {len(header)} columns"
            refused = site.refuse("wrong-value", message, place, "the columns are " + ", ".join(header))
            continue
        cells = dict(zip(header, raw_row.marks)) if isinstance(raw_row, YamlList) else {}
        result.append(TableRow(site.entry, number, dict(zip(header, row)), cells))
    if refused is not None:
        raise refused
    return result


def _check_header(site: Site, header: list[Any], raw: Value, mark: Mark) -> None:
    for index, column in enumerate(header):
        place = raw.marks[index] if isinstance(raw, YamlList) else mark
        if not isinstance(column, str) or not (column.isidentifier() or column in ENTRY_KEYS):
            raise site.refuse("bad-name", f"{show(column)} cannot name a column", place)
        if column in FUNCTION_NAMES or column in ("index", "row") or column.startswith("in_"):
            message = f"a column cannot be called `{column}`: the word has a meaning of its own in expressions"
            raise site.refuse("taken-name", message, place, "choose another name")
        if column in header[:index]:
            raise site.refuse("bad-name", f"the column `{column}` is there twice", place, "rename one of the two")


def rows_have_names(site: Site) -> bool:
    """Whether each row has a name for its copies: in a column `name`, or by an expression that reads the row."""
    columns, name = column_names(site), site.entry.get("name")
    if isinstance(name, Expression):
        return bool(names_in(name) & {"row", *columns})
    return "name" in columns and not site.entry.has("name")


def column_names(site: Site) -> list[str]:
    """The column names of the table; a table that is an expression is evaluated."""
    rows = site.entry.get("rows")
    if isinstance(rows, YamlList):
        return _written_header(rows)
    if isinstance(rows, Expression):
        table = site.value("rows")
        if isinstance(table, list) and table and isinstance(table[0], list):
            return [str(word) for word in table[0]]
    return []


def written_names(rows: Value) -> list[Value]:
    """The cells of the column `name`, as they are written."""
    if not isinstance(rows, YamlList) or "name" not in (header := _written_header(rows)):
        return []
    place = header.index("name")
    return [row.items[place] for row in rows.items[1:] if isinstance(row, YamlList) and len(row.items) > place]


def _written_header(rows: YamlList) -> list[str]:
    return [str(word) for row in rows.items[:1] if isinstance(row, YamlList) for word in row.items]
