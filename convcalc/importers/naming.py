"""The names of entries: those of the source where they help to find a layer, and names for what others read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from convcalc import layers
from convcalc.importers.outline import SEQUENTIAL, Entry

RESERVED = ("input", "previous")


def name_entries(entries: list[Entry], needed: set[Entry], taken: set[str]) -> None:
    """Choose the names of the entries of one scope; those that are `needed` get one in any case."""
    _name_level(entries, {*taken, *RESERVED}, needed)


def _name_level(entries: list[Entry], taken: set[str], needed: set[Entry]) -> None:
    """Choose the names of the entries of one level, those in unnamed containers included, then of the levels below."""
    counts = Counter(entry.name for entry in of_level(entries) if entry.name)
    taken.update(_numbers(each for each in of_level(entries) if not _is_wanted(each, counts) and each not in needed))
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
        entry.name = cleaned(entry.name)
        is_wanted = _is_wanted(entry, counts)
        if not is_wanted or entry.name in taken:
            is_named = entry in needed or (is_wanted and entry.entries is not None)
            entry.name = _free(entry.name or _stem(entry), taken) if is_named else ""
        if entry.name:
            taken.add(entry.name)
        elif entry.entries is not None:
            _name(entry.entries, taken, needed, counts)


def _numbers(unnamed: Iterable[Entry]) -> Iterator[str]:
    """The names that entries without a name have: their type with a number."""
    for type, number in Counter(entry.type for entry in unnamed).items():
        yield from (f"{type}_{each}" for each in range(1, number + 1))


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
    if entry.has_tensors or entry.entries is not None or entry.block is not None:
        return True
    plain = entry.name.rstrip("0123456789_")
    says_nothing = not plain or plain in entry.type or layers.find(plain) is not None or plain in ("act", "drop")
    return not says_nothing and counts[entry.name] == 1


def in_snake_case(name: str) -> str:
    """The name of a class or an operator as the language writes names; empty where none of it can be kept.

    >>> in_snake_case("BasicBlock"), in_snake_case("SEBlock2d"), in_snake_case("aten.bincount")
    ('basic_block', 'se_block2d', 'aten_bincount')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9_]+", "_", words.lower()).strip("_")


def cleaned(name: str) -> str:
    """The name with the characters that a name may have."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") if not name.isidentifier() else name
    if plain.isdecimal():
        return plain
    return f"_{plain}" if plain[:1].isdigit() or plain[:1] == "-" else plain


def _stem(entry: Entry) -> str:
    return "block" if entry.type == SEQUENTIAL else re.sub(r"(?<=[a-z])[123]d$", "", entry.type)


def _free(stem: str, taken: set[str]) -> str:
    if stem not in taken:
        return stem
    # Entries without a name are numbered relu_1, relu_2: these names stay free for them.
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem}{number}") not in taken)


def rename(entry: Entry, taken: set[str]) -> None:
    """Give an entry a name like its own that is not `taken`."""
    entry.name = _free(entry.name, taken)


def row_names(entry: Entry) -> list[str]:
    """The names of an entry's copies, where a column of its rows gives them."""
    rows = entry.keys.get("rows")
    return [row[0] for row in rows[1:]] if rows and rows[0][0] == "name" else []
