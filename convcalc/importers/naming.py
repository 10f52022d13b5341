"""The names of entries: those of the source where they help to find a layer, and names for what others read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from convcalc import layers
from convcalc.importers.outline import SEQUENTIAL, Entry

RESERVED = ("input", "previous")


def name_entries(entries: list[Entry], needed: set[Entry], taken: set[str]) -> None:
    """Choose the names of the entries of one scope; those that are `needed` get one in any case."""
    _name_level(entries, {*taken, *RESERVED}, needed)


def _name_level(entries: list[Entry], taken: set[str], needed: set[Entry]) -> None:
    """Choose the names of the entries of one level, those in unnamed containers included, then of the levels below."""
    counts = Counter(entry.name for entry in of_level(entries) if entry.name)
    unnamed = [entry for entry in of_level(entries) if entry not in needed and not _is_wanted(entry, counts)]
    taken.update(_numbered(unnamed))
    _name(entries, taken, needed, counts)
    for entry in of_level(entries):
        if entry.entries is not None and entry.name:
            _name_level(entry.entries, {*RESERVED}, needed)


def _name(entries: list[Entry], taken: set[str], needed: set[Entry], counts: Counter[str]) -> None:
    for entry in entries:
        if row_names(entry):
            entry.name = ""
            taken.update(row_names(entry))
            continue
        entry.name = _cleaned(entry.name)
        is_wanted = _is_wanted(entry, counts)
        if not is_wanted or entry.name in taken:
            is_named = entry in needed or (is_wanted and entry.entries is not None)
            entry.name = _free(entry.name or _stem(entry), taken) if is_named else ""
        if entry.name:
            taken.add(entry.name)
        elif entry.entries is not None:
            _name(entry.entries, taken, needed, counts)


def _numbered(unnamed: list[Entry]) -> Iterator[str]:
    """The names by which a spec calls entries without a name: their type and a number."""
    for type_name, count in Counter(entry.type for entry in unnamed).items():
        yield from (f"{type_name}_{number}" for number in range(1, count + 1))


def of_level(entries: list[Entry]) -> Iterator[Entry]:
    """The entries that share one level of names: these, and those inside containers without a name."""
    for entry in entries:
        yield entry
        if entry.entries is not None and not entry.name:
            yield from of_level(entry.entries)


def _is_wanted(entry: Entry, counts: Counter[str]) -> bool:
    """Whether the name of the source helps: it finds parameters, or it tells more than the type."""
    if not entry.name:
        return False
    if entry.has_tensors or entry.entries is not None or entry.block is not None or "repeat" in entry.keys:
        return True
    plain = entry.name.rstrip("0123456789_")
    says_nothing = not plain or plain in entry.type or layers.find(plain) is not None or plain in ("act", "drop")
    return not says_nothing and counts[entry.name] == 1


def _cleaned(name: str) -> str:
    """The name with the characters that a name may have."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") if not name.isidentifier() else name
    if cleaned.isdecimal():
        return cleaned
    return f"_{cleaned}" if cleaned[:1].isdigit() or cleaned[:1] == "-" else cleaned


def _stem(entry: Entry) -> str:
    return "block" if entry.type == SEQUENTIAL else re.sub(r"(?<=[a-z])[123]d$", "", entry.type)


def _free(stem: str, taken: set[str]) -> str:
    if stem not in taken:
        return stem
    # Entries without a name are numbered relu_1, relu_2: these names stay free for them.
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem}{number}") not in taken)


def row_names(entry: Entry) -> list[str]:
    """The names of an entry's copies, where a column of its rows gives them."""
    rows = entry.keys.get("rows")
    return [row[0] for row in rows[1:]] if rows and rows[0][0] == "name" else []
