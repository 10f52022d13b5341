"""The formats in which a command prints a value.

A value has methods with its content: `sheets(width)`, `data()` and `records()`. A format is a line of FORMATS and a
module of the same name: its `chunks(value, screen)` makes the text from one of these methods. A method of the value
with the name of the format writes it instead. A format without a content method needs such a method.
"""

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from convcalc.errors import UsageError
from convcalc.plain_tuple import PlainTuple
from convcalc.render.style import Screen


class Format(PlainTuple):
    """The endings of its files, and the method of a value with its content."""

    suffixes: tuple[str, ...]
    made_of: str = ""


# The default is the first of these that a value has.
FORMATS = {
    "text": Format((".txt",)),
    "table": Format((".txt",), "sheets"),
    "json": Format((".json",), "data"),
    "csv": Format((".csv",), "records"),
    "markdown": Format((".md", ".markdown"), "sheets"),
    "html": Format((".html", ".htm"), "sheets"),
    "svg": Format((".svg",)),
    "yaml": Format((".yaml", ".yml")),
}


def formats_of(*kinds: type) -> list[str]:
    """The names of the formats that values of these classes can be printed in."""
    return [name for name, each in FORMATS.items() if any(_has(kind, name, each.made_of) for kind in kinds)]


def _has(kind: type, name: str, made_of: str) -> bool:
    return hasattr(kind, name) or (bool(made_of) and hasattr(kind, made_of))


def chunks(value: Any, name: str, screen: Screen) -> Iterable[str]:
    """The text of a value in the format of that name, in pieces."""
    own = getattr(value, name, None)
    text: Iterable[str] = import_module(f"{__name__}.{name}").chunks(value, screen) if own is None else own(screen)
    return text


def format_of_file(path: str, suffixes: Mapping[str, tuple[str, ...]]) -> str | None:
    """The format for the ending of a file's name; None where it has no ending.

    `suffixes` are the endings of each format to choose from. Raises UsageError for any other ending.

    >>> format_of_file("net.HTML", {"table": (".txt",), "html": (".html", ".htm")})
    'html'
    """
    suffix = os.path.splitext(path)[1].lower()
    if not suffix:
        return None
    for name, endings in suffixes.items():
        if suffix in endings:
            return name
    names = ", ".join(f"{name} ({endings[0]})" if endings else name for name, endings in suffixes.items())
    raise UsageError(f"`{path}`: no format of this command ends in {suffix}", f"--format takes {names}")
