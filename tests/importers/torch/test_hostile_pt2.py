"""`.pt2` files that are broken or made to do harm end in an error with the file's name, soon and in little memory."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from convcalc import bounds
from convcalc.errors import SpecError, UsageError
from convcalc.importers.torch import pt2
from tests.importers.torch import exported

MUTATIONS = 400
STRANGE: list[Any] = [None, -1, 2**62, 1e308, "", "x", [], {}, [[]], {"as_int": "x"}, True, "../../etc", ["$"]]


def refused(path: Path) -> str:
    with pytest.raises((SpecError, UsageError)) as caught:
        pt2.read(str(path), None)
    return str(caught.value)


def test_truncated_at_every_byte(tmp_path: Path) -> None:
    whole = exported.write(tmp_path / "net.pt2", exported.small()).read_bytes()
    path = tmp_path / "cut.pt2"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert "cut.pt2" in refused(path)


@pytest.mark.slow
def test_bytes_changed_at_random(tmp_path: Path) -> None:
    whole = exported.write(tmp_path / "net.pt2", exported.small()).read_bytes()
    path, chance = tmp_path / "changed.pt2", random.Random(1)  # noqa: S311
    for _ in range(MUTATIONS):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        read_or_refused(path)


def test_values_changed_at_random(tmp_path: Path) -> None:
    path, chance = tmp_path / "changed.pt2", random.Random(2)  # noqa: S311
    for _ in range(MUTATIONS):
        program = exported.small()
        for _ in range(chance.randint(1, 3)):
            change(program, chance)
        exported.write(path, json.loads(json.dumps(program)))
        read_or_refused(path)


def read_or_refused(path: Path) -> None:
    try:
        pt2.read(str(path), None)
    except (SpecError, UsageError) as error:
        assert str(error)  # noqa: PT017


def change(value: Any, chance: random.Random) -> None:
    """Replace or remove one value somewhere inside."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        inner = value[key]
        if isinstance(inner, (dict, list)) and inner and chance.random() < 0.85:
            value = inner
            continue
        if chance.random() < 0.2:
            del value[key]
        else:
            value[key] = chance.choice(STRANGE)
        return


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_GRAPH_BYTES", 100_000)
    path = exported.write(tmp_path / "bomb.pt2", b" " * 50_000_000)
    assert "more than 100,000 bytes" in refused(path)


def test_deep_json(tmp_path: Path) -> None:
    path = exported.write(tmp_path / "deep.pt2", b"[" * 500_000)
    assert "nested too deep" in refused(path)
    path = exported.write(tmp_path / "deep.pt2", b'{"graph_module":' * 50_000 + b"1" + b"}" * 50_000)
    assert "nested too deep" in refused(path)


def test_a_long_list_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ARCHIVE_LIST_BYTES", 1000)
    path = tmp_path / "many.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100):
            archive.writestr(f"../{number}", b"")
    assert "the list of files in the archive has" in refused(path)


def test_names_out_of_the_archive_are_only_names(tmp_path: Path) -> None:
    path = exported.write(tmp_path / "net.pt2", exported.small(), "../../models/model.json")
    assert len(pt2.read(str(path), None).operations) == 5
    assert sorted(each.name for each in tmp_path.iterdir()) == ["net.pt2"]


@pytest.mark.parametrize(
    "expression", ["2**99999999", "__import__('os')", "(" * 500 + "1" + ")" * 500, "s9", "1 if", "9" * 20_000]
)
def test_expressions_of_sizes(tmp_path: Path, expression: str) -> None:
    program = exported.small()
    program["graph_module"]["graph"]["tensor_values"]["linear"]["sizes"][1] = exported.size(expression)
    assert "net.pt2" in refused(exported.write(tmp_path / "net.pt2", program))


@pytest.mark.slow
def test_many_nodes(tmp_path: Path) -> None:
    """A chain of 50,000 calls."""
    count = 50_000
    values = {f"v{number}": exported.tensor(1, 6) for number in range(count + 1)}
    nodes = [exported.node("relu.default", f"v{number + 1}", self=f"$v{number}") for number in range(count)]
    program = exported.program(values, nodes, {}, ["v0"], [f"v{count}"])
    assert len(pt2.read(str(exported.write(tmp_path / "net.pt2", program)), None).operations) == count
