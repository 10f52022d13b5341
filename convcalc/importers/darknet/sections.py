"""Reads the sections of a `.cfg` file. Their order is the network, and a section may occur any number of times.

As in darknet, all blanks go, `#` and `;` at the start of a line begin a comment, and of a key that is written twice
the first counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where

# The number at the start of a value; darknet ignores what follows it, such as a comment.
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LARGEST = 2**31 - 1
MOST_INPUTS = 1000  # of a layer


class Value(NamedTuple):
    """The value of a key, and the line that has it."""

    text: str
    line: int


@dataclass(slots=True)
class Section:
    """A section: its type, the file and line of its head, and its values by key."""

    type: str
    where: Where
    values: dict[str, Value] = field(default_factory=dict)

    def text(self, key: str, default: str = "") -> str:
        """The value of a key, without a comment behind it."""
        return self.values[key].text.partition("#")[0] if key in self.values else default

    def integer(self, key: str, default: int) -> int:
        """A whole number. Raises SpecError where the value does not begin with one."""
        if key not in self.values:
            return default
        return self._integer(key, self.values[key].text)

    def count(self, key: str, default: int) -> int:
        """A whole number from 1."""
        number = self.integer(key, default)
        if number < 1:
            raise self.refusal(f"{key} must be a whole number from 1, not {number}", key)
        return number

    def number(self, key: str, default: float) -> float:
        """A number. Raises SpecError where the value does not begin with one."""
        if key not in self.values:
            return default
        match = _NUMBER.match(self.values[key].text)
        number = float(match[0]) if match else float("inf")
        if abs(number) == float("inf"):
            raise self.refusal(f"{key} must be a number, not {shown(self.values[key].text)}", key)
        return number

    def integers(self, key: str) -> list[int]:
        """The whole numbers of a list."""
        items = self.text(key).split(",")
        if len(items) > MOST_INPUTS:
            raise self.refusal(f"{key} names {len(items):,} layers, and {MOST_INPUTS:,} are the most", key)
        return [self._integer(key, item) for item in items]

    def _integer(self, key: str, text: str) -> int:
        match = _WHOLE.match(text)
        if match is None or len(match[0]) > 11 or abs(int(match[0])) > LARGEST:
            raise self.refusal(f"{key} must be a whole number of 32 bits, not {shown(text)}", key)
        return int(match[0])

    def refusal(self, message: str, key: str = "", help: str = "") -> SpecError:
        """The error of a value, at its line, or of the section."""
        line = self.values[key].line if key in self.values else self.where.line
        return SpecError([Problem("unreadable-file", message, self.where._replace(line=line), help=help)])


def shown(text: str) -> str:
    """A text of the source, short enough for a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def read_sections(name: str, text: str) -> list[Section]:
    """The sections of a file. Raises SpecError where there is none, or where there is text before the first."""
    sections: list[Section] = []
    for line, content in _lines(text):
        where = Where(name, line, 1)
        if content.startswith("["):
            if len(sections) > bounds.MAX_NETWORK_TEXT_LAYERS:
                message = f"the file has more than {bounds.MAX_NETWORK_TEXT_LAYERS:,} sections"
                raise _refusal(message, where, bounds.how_to_raise("MAX_NETWORK_TEXT_LAYERS"))
            sections.append(Section(_head(content, where), where))
        elif not sections:
            raise _refusal("the first section must be [net] or [network]", where)
        else:
            key, sign, value = content.partition("=")
            if sign and value:
                sections[-1].values.setdefault(key, Value(value, line))
    if not sections:
        raise _refusal("the file has no section", Where(name))
    if sections[0].type not in ("net", "network"):
        raise _refusal("the first section must be [net] or [network]", sections[0].where)
    return sections


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, without blanks, with their numbers."""
    for number, line in enumerate(text.split("\n"), 1):
        content = "".join(line.split())
        if content and content[0] not in "#;":
            yield number, content


def _head(content: str, where: Where) -> str:
    name, bracket, _ = content[1:].partition("]")
    if not bracket or not name:
        raise _refusal(f"{shown(content)} is no head of a section", where, "write it as [convolutional]")
    return name


def _refusal(message: str, where: Where, help: str = "") -> SpecError:
    return SpecError([Problem("unreadable-file", message, where, help=help)])
