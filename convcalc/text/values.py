"""The values of a document as plain Python data, for edits and comparisons."""

from __future__ import annotations

from typing import Any, Union

from convcalc import bounds
from convcalc.errors import UsageError

# A value as plain Python; an expression is a text that starts with `=`.
Plain = Union[None, bool, int, float, str, list["Plain"], dict[str, "Plain"]]  # noqa: UP007 - names itself
PathPart = str | int
Path = tuple[PathPart, ...]


class EditError(UsageError):
    """An edit is impossible; the document is unchanged."""


def plain(value: Any, depth: int = 0) -> Plain:
    """A value in the form that is compared and written: tuples become lists. Raises EditError for other types."""
    if depth > bounds.MAX_YAML_DEPTH:
        raise EditError(
            f"the value is nested over {bounds.MAX_YAML_DEPTH} levels deep", bounds.how_to_raise("MAX_YAML_DEPTH")
        )
    if isinstance(value, dict):
        return {_key(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, str):
        return expression(value) if value[:1] == "=" else str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise wrong_type(value)


def wrong_type(value: object) -> EditError:
    """The error for a value that a spec cannot have."""
    return EditError(
        f"a spec cannot have a value of type {type(value).__name__}", "use numbers, texts, lists and mappings"
    )


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise EditError(f"the key {key!r} is not a text", "put quotes around it")
    return key


def expression(text: str) -> str:
    """An expression in the form that is compared: without the spaces around it.

    >>> expression("= 2 * x ")
    '=2 * x'
    """
    return "=" + text[1:].strip()


def same(one: Plain, other: Plain) -> bool:
    """Whether two values are equal, with equal types and the same order of keys.

    >>> same({"a": 1}, {"a": True}), same([float("nan")], [float("nan")]), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (False, True, False)
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        assert isinstance(other, dict)
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    if isinstance(one, list):
        assert isinstance(other, list)
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (one != one and other != other)
