"""Joins the stores of several runs of one sweep, such as its shards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from weakref import finalize

from convcalc.errors import UsageError
from convcalc.sweeping.batch import Row
from convcalc.sweeping.ranges import Range, Shard, outermost, size_of, without
from convcalc.sweeping.store import Store, opened, reading
from convcalc.sweeping.store_head import Head, difference
from convcalc.sweeping.todo import Lost


class Merged:
    """The results of several stores, which are read as those of a `Run`.

    `missing_shards` are the shards with candidates that are in no store, where all stores are of equally many shards.
    """

    def __init__(self, store: Store, shards: Sequence[Shard]) -> None:
        self.plan = store.head.plan
        self.size = store.head.size
        self.totals = store.totals()
        self.passed = store.passed
        self.done = store.done()
        self.parts = self.done if self.plan.search else [Range(0, self.size)]  # a search builds a part of its own
        self.lost: list[Lost] = []
        self.is_stopped = False
        self.missing_shards = _missing_shards(shards, self.missing, self.size)
        self._path = store.path

    @property
    def missing(self) -> list[Range]:
        """The candidates that are in no store."""
        return without(self.parts, self.done)

    def __iter__(self) -> Iterator[Row]:
        with reading(self._path) as store:
            yield from store.rows()


def merged(files: Sequence[str], output: str | None = None) -> Merged:
    """The results of stores, written to `output` where it is given; what that has already stays.

    Raises UsageError, also where a store is of another sweep.
    """
    if not files:
        raise UsageError("--merge needs the files of the stores", "as in convcalc sweep --merge part-*.db")
    head, shards = _common_head(files)
    folder = None if output is not None else tempfile.mkdtemp(prefix="convcalc-")
    path = output or os.path.join(folder or "", "all.db")
    try:
        with opened(path, head.plan, head.size) as store:
            for file in files:
                if not os.path.samefile(file, path):
                    _join(store, file)
            shards += store.shards
            store.note_shards(shards)
            result = Merged(store, shards)
    except BaseException:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if folder is not None:
        finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def _common_head(files: Sequence[str]) -> tuple[Head, list[Shard]]:
    """The head of all stores, and their shards. Raises UsageError where they are of several sweeps."""
    heads: list[Head] = []
    shards: list[Shard] = []
    for file in files:
        with reading(file) as store:
            heads.append(store.head)
            shards += store.shards
        if heads[-1].plan.digest != heads[0].plan.digest:
            what = difference(heads[0].plan, heads[-1].plan, files[0], file)
            raise UsageError(f"{file} is of another sweep than {files[0]}: {what}", "merge the stores of one sweep")
    return heads[0], shards


def _join(store: Store, file: str) -> None:
    """Copy what another store has and this one has not. Where ranges overlap, the outermost one counts."""
    with reading(file) as other:
        others = {each.range: each for each in other.ranges()}
    own = {each.range: each for each in store.ranges()}
    kept = set(outermost([*own, *others]))
    new = [each for range, each in others.items() if range in kept and range not in own]
    store.copy(file, new, instead_of=[each for range, each in own.items() if range not in kept])


def _missing_shards(shards: Sequence[Shard], missing: list[Range], size: int) -> list[Shard]:
    """The shards that have some of the missing candidates, where all shards are parts of the same division."""
    if not missing or len({shard.count for shard in shards}) != 1:
        return []
    count = shards[0].count
    lacking = size_of(missing)
    every = [Shard(number, count) for number in range(1, count + 1)]
    return [shard for shard in every if size_of(without(missing, shard.parts(size))) < lacking]
