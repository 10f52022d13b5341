"""Path patterns, as in .gitignore: which files a part of the configuration speaks of.

`*` and `?` match within a name, `**` any number of directories, `[…]` one of some characters. A pattern with a slash
before its end starts in the folder of the configuration; any other matches a name at any depth. A pattern that matches
a directory matches all that lies in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache

from convcalc.text.files import SUFFIXES

WILDCARDS = re.compile(r"[*?\[]")


class Patterns:
    """Some patterns; a path matches where one of them does."""

    __slots__ = ("written", "_expression")

    def __init__(self, written: Iterable[str]) -> None:
        self.written = tuple(written)
        self._expression = re.compile("|".join(map(_expression, self.written)) or r"(?!)")

    def match(self, path: str) -> bool:
        """Whether a path, from the folder of the configuration and with forward slashes, is meant."""
        return self._expression.fullmatch(path) is not None

    @property
    def is_one_file(self) -> bool:
        """Whether they name a single file and nothing else."""
        pattern = self.written[0] if len(self.written) == 1 else ""
        return pattern.endswith(SUFFIXES) and WILDCARDS.search(pattern) is None


def _expression(pattern: str) -> str:
    """
    >>> bool(re.fullmatch(_expression("specs/**/a*.yaml"), "specs/x/y/ab.yaml"))
    True
    """
    body = pattern.removeprefix("./").strip("/")
    is_anchored = "/" in pattern.rstrip("/")
    names = [name for name, before in zip(body.split("/"), ["", *body.split("/")]) if (name, before) != ("**", "**")]
    parts = ["(?:.*/)?" if name == "**" else f"{_part(name)}/" for name in names]
    start = "" if is_anchored else "(?:.*/)?"
    whole = start + "".join(parts)
    # What ends in a name matches also what lies below; what ends in `**` matches everything there.
    return f"(?s:{whole[:-1]}(?:/.*)?)" if whole.endswith("/") else f"(?s:{whole}.*)"


@lru_cache(maxsize=256)
def _part(part: str) -> str:
    """One name of a pattern, without a slash in what it matches."""
    found, place = "", 0
    for match in re.finditer(r"\*+|\?|\[[!^]?\]?[^\]]*\]", part):
        found += re.escape(part[place : match.start()])
        text = match.group()
        if text.startswith("["):
            negated = text[1] in "!^"
            inner = text[1 + negated : -1].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]")
            found += f"(?!/)[{'^' if negated else ''}{inner}]"
        else:
            found += "[^/]" if text == "?" else "[^/]*"
        place = match.end()
    return found + re.escape(part[place:])


def missing_folder(pattern: str, folder: str) -> str:
    """The part of a pattern before its first wildcard, where there is no such path; nothing where it may match."""
    if "/" not in pattern.rstrip("/"):
        return ""
    parts = pattern.strip("/").split("/")
    number = next((index for index, part in enumerate(parts) if WILDCARDS.search(part)), len(parts))
    start = "/".join(parts[:number])
    return "" if not start or os.path.lexists(os.path.join(folder, *parts[:number])) else start
