"""Tuples with named items, held against NamedTuple."""

from __future__ import annotations

import copy
import pickle
from typing import Any, NamedTuple

import pytest

from convcalc.plain_tuple import PlainTuple


class Peer(NamedTuple):
    file: str
    line: int = 0
    column: int = 1


class Place(PlainTuple):
    file: str
    line: int = 0
    column: int = 1

    @property
    def text(self) -> str:
        return f"{self.file}:{self.line}"


class Further(Place):
    more: str = ""


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}), (("a", 2), {}), (("a", 2, 3), {}), ((), {"file": "a"}), (("a",), {"column": 4}),
    ((), {"column": 4, "file": "a", "line": 2}),
]  # fmt: skip
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}), (("a", 1, 2, 3), {}), (("a",), {"file": "b"}), (("a",), {"place": 1}), ((), {"line": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("values", "named"), CALLS)
def test_it_is_made_as_a_named_tuple(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, other = Place(*values, **named), Peer(*values, **named)
    assert tuple(ours) == tuple(other)
    assert (ours.file, ours.line, ours.column) == (other.file, other.line, other.column)
    assert repr(ours).replace("Place", "Peer") == repr(other)
    assert ours == Place(*other)
    assert hash(ours) == hash(other)
    assert tuple(ours._replace(line=9)) == tuple(other._replace(line=9))


@pytest.mark.parametrize(("values", "named"), WRONG)
def test_a_wrong_call_is_an_error(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Peer(*values, **named)
    with pytest.raises(TypeError, match=r"Place (lacks|has) "):
        Place(*values, **named)


def test_it_never_changes() -> None:
    place: Any = Place("a")
    with pytest.raises(AttributeError):
        place.line = 3
    with pytest.raises(AttributeError):
        place.other = 3
    with pytest.raises(TypeError, match="other"):
        place._replace(other=3)


def test_a_class_of_a_class_has_its_items_first() -> None:
    further = Further("a", more="b")
    assert tuple(further) == ("a", 0, 1, "b")
    assert further.text == "a:0"
    assert Place("a", 1) != Further("a", 1)


@pytest.mark.parametrize("value", [Place("a", 2), Further("a", 2, 3, "b")])
def test_a_copy_is_equal(value: Place) -> None:
    for same in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 - ours
        assert same == value
        assert type(same) is type(value)
