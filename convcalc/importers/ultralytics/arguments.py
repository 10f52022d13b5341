"""The arguments of a row, held against the parameters of the module that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, signature
from typing import Any

from convcalc.importers.ultralytics.rows import is_number
from convcalc.layers.parameters import LayerError

MAX, MAX_ITEMS = 2**31, 1000


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX


def _is_list(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= MAX_ITEMS and all(map(check, value))


def _is_size(value: Any) -> bool:
    return _is_whole(value) or _is_list(_is_whole)(value)


def _is_number(value: Any) -> bool:
    return is_number(value) and 0 <= value < MAX


# What a parameter takes, by its annotation; None is taken where the annotation names it.
_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "int": (_is_whole, "a whole number from 0"),
    "float": (_is_number, "a number from 0"),
    "Area": (lambda value: isinstance(value, int), "a whole number"),
    "bool": (lambda value: isinstance(value, (bool, int)), "true or false"),
    "str": (lambda value: isinstance(value, str), "a text"),
    "Size": (_is_size, "a whole number or a list of them"),
    "Act": (lambda value: value is None or isinstance(value, (bool, str)), "true, false or an activation"),
    "list[int]": (_is_list(_is_whole), "a list of whole numbers"),
    "list[Size]": (_is_list(_is_size), "a list of sizes"),
    "Pair": (lambda value: _is_list(_is_size)(value) and len(value) == 2, "a list of two sizes"),
    "KeyPoints": (lambda value: _is_list(_is_whole)(value) and len(value) == 2, "a list of two whole numbers"),
    "list[float]": (_is_list(_is_number), "a list of numbers"),
    "list[list[float]]": (_is_list(_is_list(_is_number)), "a list of lists of numbers"),
}


@cache
def _parameters(write: Callable[..., Any]) -> Mapping[str, Parameter]:
    """The parameters of a module after the builder and what it reads."""
    return dict(list(signature(write).parameters.items())[2:])


def bound(write: Callable[..., Any], arguments: list[Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by name, and those of the settings that the module has.

    Raises LayerError where there are too many arguments, too few, or one of a wrong kind.
    """
    parameters = _parameters(write)
    places = [name for name, each in parameters.items() if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
    if len(arguments) > len(places):
        raise LayerError("wrong-value", f"it takes {len(places)} arguments at most, and has {len(arguments)}")
    given = dict(zip(places, arguments))
    for name, value in given.items():
        _check(name, value, str(parameters[name].annotation))
    missing = [name for name in places if name not in given and parameters[name].default is Parameter.empty]
    if missing:
        raise LayerError("missing-parameter", f"its argument `{missing[0]}` is not given")
    return {**given, **{name: value for name, value in settings.items() if name in parameters and name not in given}}


def _check(name: str, value: Any, annotation: str) -> None:
    kinds = [kind.strip() for kind in annotation.split("|")]
    if value is None and "None" in kinds:
        return
    checks = [_CHECKS[kind] for kind in kinds if kind != "None"]
    if not any(check(value) for check, _ in checks):
        wanted = " or ".join(words for _, words in checks)
        raise LayerError("wrong-value", f"its argument `{name}` must be {wanted}, not {str(value)[:80]!r}")
