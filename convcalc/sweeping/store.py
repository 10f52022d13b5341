"""The database of a sweep: an SQLite file with the plan, the ranges that are done, and the rows that pass.

A range and its rows are written in one transaction. So after any end of the process the file has whole ranges only, and
the next run with the same plan evaluates the others.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple
from urllib.parse import quote

from convcalc.errors import UsageError
from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range, Shard, joined, parse_shard
from convcalc.sweeping.store_errors import named, no_store
from convcalc.sweeping.store_head import APPLICATION, SCHEMA, Head, head_of, refuse_other
from convcalc.sweeping.store_holding import held
from convcalc.sweeping.store_values import batch_of, counts_of, encoded, row_of

WAIT_SECONDS = 10.0  # for another program that writes to the file at this moment
ROWS_AT_A_TIME = 1000
TABLES = (
    "CREATE TABLE sweep (name TEXT PRIMARY KEY, value TEXT)",
    "CREATE TABLE ranges (start INTEGER PRIMARY KEY, stop INTEGER, first_row INTEGER, rows INTEGER, counts TEXT)",
)
ADD_RANGE = "INSERT INTO ranges VALUES (?, ?, ?, ?, ?)"
READ = "SELECT * FROM rows WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
COPY = "INSERT INTO rows SELECT * FROM other.rows WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
REMOVE = "DELETE FROM rows WHERE rowid >= ? AND rowid < ?"
NEXT = "SELECT coalesce(max(rowid), 0) + 1 FROM rows"


class Stored(NamedTuple):
    """A range of a store; its rows have the numbers from `first_row` on."""

    start: int
    stop: int
    first_row: int
    rows: int
    counts: str

    @property
    def range(self) -> Range:
        return Range(self.start, self.stop)

    @property
    def its_rows(self) -> tuple[int, int]:
        """The number of its first row, and that after its last one."""
        return self.first_row, self.first_row + self.rows


class Store:
    """An open database. `head` says of which sweep."""

    def __init__(self, path: str, connection: sqlite3.Connection, head: Head) -> None:
        self.path = path
        self.head = head
        self._connection = connection
        self._next_row = self._number(NEXT)

    def ranges(self) -> list[Stored]:
        """The ranges that are done, in order."""
        query = "SELECT start, stop, first_row, rows, counts FROM ranges ORDER BY start, stop DESC"
        with named(self.path):
            return [Stored(*found) for found in self._connection.execute(query)]

    def done(self) -> list[Range]:
        """The positions that are done, in as few parts as possible."""
        return joined(each.range for each in self.ranges())

    @property
    def passed(self) -> int:
        """The number of rows."""
        return self._number("SELECT coalesce(sum(rows), 0) FROM ranges")

    def totals(self) -> Batch:
        """The counts of all candidates that are done, without rows."""
        found = Batch(0, self.head.size)
        for each in self.ranges():
            found = found.merge(batch_of(each.range, each.counts))
        return found

    def rows(self) -> Iterator[Row]:
        """The rows that pass, in the order of their candidates."""
        for each in self.ranges():
            with named(self.path):
                found = self._connection.execute(READ, each.its_rows)
                while values := found.fetchmany(ROWS_AT_A_TIME):
                    yield from map(row_of, values)

    def add(self, batch: Batch) -> None:
        """Write a range and its rows: both or neither. Raises UsageError."""
        stored = Stored(batch.start, batch.stop, self._next_row, len(batch.rows), counts_of(batch))
        marks = ", ".join("?" * (1 + len(self.head.plan.columns)))
        with named(self.path), transaction(self._connection):
            self._connection.execute(ADD_RANGE, stored)
            self._connection.executemany(f"INSERT INTO rows VALUES ({marks})", map(encoded, batch.rows))  # noqa: S608
        self._next_row += len(batch.rows)

    def copy(self, other: str, ranges: Iterable[Stored], instead_of: Iterable[Stored]) -> None:
        """Copy some ranges of another store of the same sweep, instead of own ones. Raises UsageError."""
        with named(other):
            self._connection.execute("ATTACH ? AS other", (_address(other, "rw"),))
        try:
            with named(self.path), transaction(self._connection):
                for each in instead_of:
                    self._connection.execute("DELETE FROM ranges WHERE start = ?", (each.start,))
                    self._connection.execute(REMOVE, each.its_rows)
                first = self._number(NEXT)
                for each in ranges:
                    self._connection.execute(COPY, each.its_rows)
                    self._connection.execute(ADD_RANGE, each._replace(first_row=first))
                    first += each.rows
            self._next_row = first
        finally:
            self._connection.execute("DETACH other")

    @property
    def shards(self) -> list[Shard]:
        """The shards that were evaluated or merged into it."""
        with named(self.path):
            found = self._connection.execute("SELECT value FROM sweep WHERE name = 'shards'").fetchone()
        return [parse_shard(text) for text in (found[0].split() if found else ())]

    def note_shards(self, shards: Iterable[Shard]) -> None:
        """Write down its shards."""
        texts = " ".join(map(str, sorted(set(shards))))
        with named(self.path):
            self._connection.execute("INSERT OR REPLACE INTO sweep VALUES ('shards', ?)", (texts,))

    def _number(self, query: str) -> int:
        with named(self.path):
            return int(self._connection.execute(query).fetchone()[0])


@contextmanager
def opened(path: str, plan: Plan, size: int, shard: Shard | None = None) -> Iterator[Store]:
    """A store to write to, which no other run has at the same time; a new one where there is no file.

    Raises UsageError where the file cannot be written, or is of another sweep or version.
    """
    with held(path), closing(_connected(path, "rwc")) as connection:
        head = Head.of(plan, size)
        with named(path):
            if _is_new(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                _create(connection, head)
            else:
                refuse_other(path, head_of(path, connection), head)
                connection.execute(f"PRAGMA user_version = {SCHEMA}")  # fails at once where nothing can be written
            # A process that is killed loses nothing; only a failure of the power can lose the last ranges.
            connection.execute("PRAGMA synchronous = NORMAL")
        store = Store(path, connection, head)
        if shard is not None:
            store.note_shards([*store.shards, shard])
        yield store


@contextmanager
def reading(path: str) -> Iterator[Store]:
    """A store to read, also while a run writes to it. Raises UsageError where there is none."""
    if not os.path.isfile(path):
        raise UsageError(f"{path}: there is no such file" if not os.path.exists(path) else f"{path} is no file")
    with closing(_connected(path, "rw")) as connection:
        with named(path):
            if _is_new(connection):
                raise no_store(path)
            head = head_of(path, connection)
        yield Store(path, connection, head)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _create(connection: sqlite3.Connection, head: Head) -> None:
    """The tables of a new store."""
    with transaction(connection):
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        for table in TABLES:
            connection.execute(table)
        connection.execute(f"CREATE TABLE rows (candidate, {', '.join(_column_names(head.plan.columns))})")
        connection.executemany("INSERT INTO sweep VALUES (?, ?)", head.values())


def _column_names(columns: Sequence[str]) -> Iterator[str]:
    """The quoted names of the columns. SQL does not distinguish capitals, so a number makes such names different."""
    seen = {"candidate"}
    for column in columns:
        name, number = column, 2
        while name.lower() in seen:
            name, number = f"{column} {number}", number + 1
        seen.add(name.lower())
        yield '"' + name.replace('"', '""') + '"'


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether a file has no tables: it was just made, or the process that made it was killed then."""
    return not connection.execute("SELECT 1 FROM sqlite_master").fetchall()


def _connected(path: str, mode: str) -> sqlite3.Connection:
    with named(path):
        return sqlite3.connect(_address(path, mode), uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def _address(path: str, mode: str) -> str:
    """The URI of a database; `mode` is rwc, or rw where it is only read: this removes the log, where it can."""
    # A folder that cannot be written has no place for the index of a log; without a log it is not needed.
    folder = os.path.dirname(os.path.abspath(path))
    is_still = mode == "rw" and not os.access(folder, os.W_OK) and not os.path.exists(f"{path}-wal")
    return f"file:{quote(os.path.abspath(path))}?mode={mode}" + ("&immutable=1" if is_still else "")
