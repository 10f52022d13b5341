"""Reads a layer as a user types it, `conv2d out_channels=8 kernel_size=3`, and completes its type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.errors import UsageError
from convcalc.layers import find, names
from convcalc.layers.parameters import REQUIRED


def parse_layer(text: str) -> tuple[str, dict[str, str]]:
    """The type and the keys of a layer. Raises UsageError.

    >>> parse_layer("conv2d out_channels=8 kernel_size=[3, 5]")
    ('conv2d', {'out_channels': '8', 'kernel_size': '[3, 5]'})
    """
    type_name, *settings = list(_words(text))
    keys: dict[str, str] = {}
    for word in settings:
        key, equals, value = word.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"`{word}` sets nothing", "write key=value")
        keys[key] = value
    return type_name, keys


def _words(text: str) -> Iterator[str]:
    """The words of a text; a text in brackets is one word."""
    word, depth = "", 0
    for character in text.strip():
        depth += (character in "[{(") - (character in ")}]")
        if character.isspace() and depth <= 0:
            if word:
                yield word
            word = ""
        else:
            word += character
    if word or not text.strip():
        yield word


def suggestions(text: str, blocks: Iterable[str] = ()) -> list[str]:
    """The types that start with the text, then those that contain it; empty once a type is complete."""
    if " " in text.strip() or text.endswith(" "):
        return []
    word = text.strip()
    known = [*blocks, *names()]
    starting = [name for name in known if name.startswith(word)]
    return [] if starting == [word] else starting + [name for name in known if word in name and name not in starting]


def complete_type(type_name: str) -> str:
    """A type with its first required key."""
    missing = required_keys(type_name)
    return f"{type_name} {missing[0]}=" if missing else f"{type_name} "


def required_keys(type_name: str) -> list[str]:
    """The required keys of a layer type; empty for a block, whose params the session checks."""
    kind = find(type_name)
    return [] if kind is None else [name for name in kind.parameters if kind.default(name) is REQUIRED]
