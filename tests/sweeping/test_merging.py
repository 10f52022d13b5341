"""Stores of several runs are joined: the same rows and counts as those of one run, each candidate once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convcalc.errors import UsageError
from convcalc.sweeping.batch import Batch, Miss
from convcalc.sweeping.merging import merged
from convcalc.sweeping.ranges import Range, Shard
from convcalc.sweeping.store import opened, reading
from tests.sweeping.plans import alone, finished, plan, rows_of
from tests.sweeping.test_store import WHERE, alone_totals

WHOLE = alone(WHERE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_shard(name: str, number: int, count: int) -> str:
    rows_of(WHERE, store=name, jobs=1, shard=Shard(number, count))
    return name


def test_merged_shards_are_the_whole(folder: Path) -> None:
    names = [run_shard(f"{number}.db", number, 5) for number in (3, 1, 2, 5, 4)]
    found = merged(names)
    assert (list(found), found.totals, found.passed) == (WHOLE.rows, alone_totals(WHERE), len(WHOLE.rows))
    assert (found.missing, found.missing_shards, found.plan) == ([], [], WHERE)
    assert sorted(path.name for path in folder.iterdir()) == [f"{number}.db" for number in range(1, 6)]


def test_a_merged_store_is_one_of_a_run(folder: Path) -> None:
    merged([run_shard("a.db", 1, 3), run_shard("b.db", 3, 3)], "all.db")
    started, rows = finished(WHERE, store="all.db", jobs=1)
    assert (rows, started.totals) == (WHOLE.rows, alone_totals(WHERE))


def test_missing_shards_are_named(folder: Path) -> None:
    found = merged([run_shard(f"{number}.db", number, 6) for number in (1, 2, 5)])
    assert found.missing_shards == [Shard(3, 6), Shard(4, 6), Shard(6, 6)]
    missing = {place for each in found.missing for place in range(*each)}
    assert missing == {place for each in found.missing_shards for part in each.parts(96) for place in range(*part)}
    assert list(found) == [row for row in WHOLE.rows if row[0] not in missing]


def test_shards_of_two_divisions(folder: Path) -> None:
    found = merged([run_shard("a.db", 1, 6), run_shard("b.db", 1, 5)])
    assert found.missing
    assert found.missing_shards == []


def test_merging_again_with_more(folder: Path) -> None:
    """`*.db` then has the result of the first time too."""
    merged([run_shard("a.db", 1, 3), run_shard("b.db", 2, 3)], "all.db")
    found = merged(["a.db", "all.db", "b.db", run_shard("c.db", 3, 3)], "all.db")
    assert (list(found), found.totals, found.missing) == (WHOLE.rows, alone_totals(WHERE), [])
    with reading("all.db") as store:
        assert store.shards == [Shard(number, 3) for number in (1, 2, 3)]


@st.composite
def some_ranges(draw: st.DrawFn) -> list[Range]:
    """Ranges that a run could have done, in any order."""
    found: list[Range] = []
    place = 0
    while place < 96:
        size = draw(
            st.sampled_from([size for size in (1, 2, 4, 8, 16, 32) if place % size == 0 and place + size <= 96])
        )
        if draw(st.booleans()):
            found.append(Range(place, place + size))
        place += size
    return draw(st.permutations(found))


def batch(start: int, stop: int) -> Batch:
    """Results that are made up: every third candidate does not build, every fourth is rejected."""
    found = Batch(start, stop)
    for place in range(start, stop):
        if place % 3 == 0:
            found.broken["third"] = found.broken.get("third", 0) + 1
        elif place % 4 == 0:
            found.rejected["fourth"] = found.rejected.get("fourth", 0) + 1
            found.add_miss("fourth", Miss(abs(50 - place), place, place))
        else:
            found.rows.append((place, (place**2, 10**20 * place, (place,))))
    return found


@given(st.lists(some_ranges(), min_size=1, max_size=3))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_overlapping_ranges_count_once(tmp_path: Path, stores: list[list[Range]]) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    names = [str(tmp_path / f"{number}.db") for number in range(len(stores))]
    for name, ranges in zip(names, stores):
        with opened(name, WHERE, 96) as store:
            for each in ranges:
                store.add(batch(*each))
    found = merged(names, str(tmp_path / "all.db"))
    done = sorted({place for ranges in stores for each in ranges for place in range(*each)})
    assert [place for each in found.done for place in range(*each)] == done
    wanted = Batch(0, 96)
    for place in done:
        wanted = wanted.merge(batch(place, place + 1))
    assert (list(found), found.passed) == (wanted.rows, len(wanted.rows))
    assert found.totals == replace(wanted, rows=[])


@pytest.mark.parametrize("output", [None, "all.db"])
def test_stores_of_two_sweeps(folder: Path, output: str | None) -> None:
    rows_of(plan("width=1,2"), store="b.db")
    with pytest.raises(UsageError) as caught:
        merged([run_shard("a.db", 1, 3), "b.db"], output)
    assert str(caught.value) == (
        "b.db is of another sweep than a.db: --vary is `width=1..8` `kernel=1..12` in a.db, and `width=1,2` in b.db;"
        " merge the stores of one sweep"
    )
    assert not (folder / "all.db").exists()


def test_the_output_is_a_store_of_another_sweep(folder: Path) -> None:
    wanted = rows_of(plan("width=1,2"), store="all.db")
    with pytest.raises(UsageError, match=r"all.db is of another sweep: --vary is"):
        merged([run_shard("a.db", 1, 3)], "all.db")
    assert rows_of(plan("width=1,2"), store="all.db") == wanted


def test_what_is_no_store(folder: Path) -> None:
    (folder / "text.db").write_text("a,b\n" * 1000)
    (folder / "empty.db").write_text("")
    for name, says in [
        ("no.db", "no.db: there is no such file"),
        ("text.db", "text.db is not a store of a sweep; name a file that `convcalc sweep --out` wrote"),
        ("empty.db", "empty.db is not a store of a sweep; name a file that"),
        (".", ". is no file"),
    ]:
        with pytest.raises(UsageError) as caught:
            merged([run_shard("a.db", 1, 3), name], "all.db")
        assert str(caught.value).startswith(says)
    with pytest.raises(UsageError, match="--merge needs the files of the stores"):
        merged([])
