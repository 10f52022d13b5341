"""The head of a store: which sweep it is of, and how that differs from another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from convcalc import __version__
from convcalc.errors import UsageError
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.store_errors import no_store

APPLICATION = 0x43766331  # in the header of the file, for programs that tell what a file is
SCHEMA = 1
# What the parts of a plan are called in messages, in the order in which a difference is looked for.
NAMES = {
    "axes": "--vary", "columns": "--columns", "where": "--where", "settings": "--set", "variant": "the variant",
    "input": "--input", "sharing": "--sharing", "keep_size": "--keep-size", "sample": "--sample", "seed": "--seed",
    "search": "what --search improves", "budget": "--budget",
}  # fmt: skip
HELP = "name another file with --out, or repeat the old call to go on with it"


@dataclass(frozen=True, slots=True)
class Head:
    """The plan of a store, its number of candidates, and the version of convcalc that evaluates it."""

    plan: Plan
    size: int
    version: str

    @classmethod
    def of(cls, plan: Plan, size: int) -> Head:
        """The head of a new store."""
        return cls(plan, size, __version__)

    def values(self) -> Iterator[tuple[str, str]]:
        """The rows of the table."""
        yield "convcalc", self.version
        yield "digest", self.plan.digest
        yield "candidates", str(self.size)
        yield "plan", json.dumps(self.plan.to_dict(), ensure_ascii=False)


def head_of(path: str, connection: sqlite3.Connection) -> Head:
    """The head of a store. Raises UsageError for another database, and for a store of another version."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise no_store(path)
    if schema != SCHEMA:
        message = f"{path} has version {schema} of the store, and convcalc {__version__} writes version {SCHEMA}"
        raise UsageError(message, "use the convcalc that wrote it, or name another file with --out")
    values = dict(connection.execute("SELECT name, value FROM sweep"))
    version = values["convcalc"]
    if version != __version__:
        message = f"{path} was written by convcalc {version}, and this is convcalc {__version__}: figures may differ"
        raise UsageError(message, f"install convcalc {version} to go on, or name another file with --out")
    return Head(Plan.of_dict(json.loads(values["plan"])), int(values["candidates"]), version)


def refuse_other(path: str, stored: Head, wanted: Head) -> None:
    """Raise UsageError where a store is not of the wanted sweep."""
    if stored.plan.digest != wanted.plan.digest:
        what = difference(stored.plan, wanted.plan, path, "this call")
        raise UsageError(f"{path} is of another sweep: {what}", HELP)


def difference(one: Plan, other: Plan, first: str, second: str) -> str:
    """The first difference between two plans that give different rows; `first` and `second` are where they are."""
    left, right = one.to_dict(), other.to_dict()
    for key, name in NAMES.items():
        if left[key] != right[key]:
            return f"{name} is {_in_words(left[key])} in {first}, and {_in_words(right[key])} in {second}"
    for was, now in zip(one.texts, other.texts):
        if was.text != now.text:
            line, here, there = _changed_line(was.text.splitlines(), now.text.splitlines())
            return f"line {line} of {now.name} is {here} in {first}, and {there} in {second}"
    return "the files that the spec includes are others"


def _in_words(value: Any) -> str:
    """A part of a plan as a user writes it.

    >>> _in_words(("width=16,32", "depth=2")), _in_words(None), _in_words(True)
    ('`width=16,32` `depth=2`', 'not given', 'given')
    """
    if value is None or value is False or value == ():
        return "not given"
    if value is True:
        return "given"
    return " ".join(f"`{item}`" for item in (value if isinstance(value, tuple) else (value,)))


def _changed_line(one: list[str], other: list[str]) -> tuple[int, str, str]:
    """The first line that differs between two texts: its number, and how it is in both."""
    for number, lines in enumerate(zip_longest(one, other), 1):
        if lines[0] != lines[1]:
            here, there = (f"`{line.strip()}`" if line is not None else "not there" for line in lines)
            return number, here, there
    return len(one), "the same", "the same but for the ends of lines"
