"""Path patterns, as in .gitignore: they select the files for a part of the configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from convcalc.text.files import SUFFIXES

WILDCARDS = re.compile(r"[*?\[]")


class Patterns:
    """Some patterns; a path must match one of them. Raises ValueError for a text that is not a pattern."""

    __slots__ = ("written", "_expressions")

    def __init__(self, written: Iterable[str]) -> None:
        self.written = tuple(written)
        self._expressions = _expressions(self.written) if self.written else []

    def match(self, path: str) -> bool:
        """Whether a path matches; it is relative to the folder of the configuration, with forward slashes."""
        return any(expression.match(path) for expression in self._expressions)

    @property
    def is_one_file(self) -> bool:
        """Whether they can only match a single file."""
        pattern = self.written[0] if len(self.written) == 1 else ""
        return pattern.endswith(SUFFIXES) and WILDCARDS.search(pattern) is None


def _expressions(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    from pathspec import GitIgnoreSpec  # needed only for a configuration with patterns

    try:
        compiled = GitIgnoreSpec.from_lines(_anchored(pattern) for pattern in patterns).patterns
    except re.error as error:  # a range from high to low, [z-a]
        raise ValueError(str(error)) from None
    if not all(pattern.include for pattern in compiled):
        raise ValueError("an exception or a comment matches no path")
    # pathspec lets `[!a]` match a slash, which git does not.
    return [re.compile(pattern.regex.pattern.replace("[^", "[^/")) for pattern in compiled if pattern.regex is not None]


def _anchored(pattern: str) -> str:
    """A pattern in the form of git: `./net.yaml` becomes `/net.yaml`, which is relative to the folder."""
    return pattern[1:] if pattern.startswith("./") else pattern


def missing_folder(pattern: str, folder: str) -> str:
    """The part of a pattern before its first wildcard, if there is no such path; else empty."""
    if "/" not in pattern.rstrip("/"):
        return ""
    parts = pattern.strip("/").split("/")
    number = next((index for index, part in enumerate(parts) if WILDCARDS.search(part)), len(parts))
    start = "/".join(parts[:number])
    return "" if not start or os.path.lexists(os.path.join(folder, *parts[:number])) else start
