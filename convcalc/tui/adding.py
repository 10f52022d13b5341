"""Reads a layer as a user types it, `conv2d out_channels=8 kernel_size=3`, and completes its type."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from convcalc.errors import UsageError
from convcalc.layers import names


def parse_layer(text: str, required: Callable[[str], Container[str]]) -> tuple[str, dict[str, str]]:
    """The type and the keys of a layer; a required key may still be without a value. Raises UsageError.

    >>> parse_layer("conv2d out_channels= kernel_size=[3, 5]", lambda type_name: ["out_channels", "kernel_size"])
    ('conv2d', {'kernel_size': '[3, 5]'})
    """
    type_name, *settings = list(_words(text))
    keys: dict[str, str] = {}
    for word in settings:
        key, equals, value = word.partition("=")
        if equals and not value and key in required(type_name):
            continue
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


def complete_type(type_name: str, required: Iterable[str]) -> str:
    """A type with the first of its required keys."""
    first = next(iter(required), "")
    return f"{type_name} {first}=" if first else f"{type_name} "
