"""TOML to located values: what tomllib reads, with the line and column of every key and value.

tomllib gives no places, so the text is gone through a second time for them. It is well-formed by then; the values
themselves are tomllib's.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

from convcalc.errors import SpecError
from convcalc.text.source import BREAK, LINE, Mark, Source, Value, YamlList, YamlMapping

Path = tuple[str | int, ...]
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)
      | (?P<end>\n)
      | (?P<text>\"\"\"(?:[^\\]|\\.)*?\"\"\"\"{0,2} | '''.*?''''{0,2} | "(?:[^"\\\n]|\\.)*" | '[^'\n]*')
      | (?P<sign>[][{},=.])
      | (?P<bare>[^][{},=.\s\#"']+)""",
    re.S | re.X,
)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def compose_toml(source: Source, *table: str) -> YamlMapping | None:
    """The table of a TOML file that stands under these keys, None where there is none.

    Raises SpecError where the text is not well-formed.
    """
    try:
        value: Any = tomllib.loads(source.text)
        for key in table:
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            return None
        starts = [0, *(found.end() for found in re.finditer(BREAK, source.text))]
        places = _Places(source.text).found
        located = _located(value, table, places, starts)
    except ValueError as error:  # also a number of more digits than Python reads
        raise _syntax_error(source, str(error)) from None
    except RecursionError:
        raise source.error("too-large", "arrays and tables are nested too deeply", 0) from None
    if not isinstance(located, YamlMapping):
        raise source.error("wrong-type", f"`{'.'.join(table)}` must be a table", _mark(places[table][1], starts))
    return located


def _syntax_error(source: Source, message: str) -> SpecError:
    place = _PLACE.search(message)
    lines = source.text.count("\n")
    mark = (int(place[1]) - 1) * LINE + int(place[2]) - 1 if place and place[1] else lines * LINE
    return source.error("toml-syntax", _PLACE.sub("", message), mark)


def _located(value: Any, path: Path, places: dict[Path, tuple[int, int]], starts: list[int]) -> Value:
    own = _mark(places.get(path, (0, 0))[1], starts)
    if isinstance(value, dict):
        mapping = YamlMapping(own)
        for key, item in value.items():
            mapping.pairs[key] = _located(item, (*path, key), places, starts)
            mapping.marks.extend(_mark(offset, starts) for offset in places[(*path, key)])
        return mapping
    if isinstance(value, list):
        sequence = YamlList(own)
        for index, item in enumerate(value):
            sequence.items.append(_located(item, (*path, index), places, starts))
            sequence.marks.append(_mark(places[(*path, index)][1], starts))
        return sequence
    return value if isinstance(value, (str, int, float)) else str(value)  # a date is no value of ours


def _mark(offset: int, starts: list[int]) -> Mark:
    """The mark of a place in a text whose lines start at these offsets."""
    line = bisect_right(starts, offset) - 1
    return line * LINE + offset - starts[line]


class _Places:
    """Where each key and its value start in a well-formed text. The items of a list have the same place twice."""

    def __init__(self, text: str) -> None:
        self.tokens = [found for found in _TOKEN.finditer(text) if found.lastgroup != "space"]
        self.next = 0
        self.found: dict[Path, tuple[int, int]] = {}
        self.tables: dict[Path, int] = {}  # the arrays of tables, [[name]], and how many there are so far
        self.run()

    def run(self) -> None:
        table: Path = ()
        while self.next < len(self.tokens):
            if self.tokens[self.next].lastgroup == "end":
                self.next += 1
            elif self.takes("["):
                table = self.header(is_array=self.takes("["))
            else:
                self.pair(table)

    def takes(self, sign: str) -> bool:
        """Step over a sign where it comes next."""
        is_next = self.next < len(self.tokens) and self.tokens[self.next].group() == sign
        self.next += is_next
        return is_next

    def skip_lines(self) -> None:
        while self.tokens[self.next].lastgroup == "end":
            self.next += 1

    def header(self, is_array: bool) -> Path:
        """The path of the table that `[a.b]`, or the item that `[[a.b]]`, opens."""
        path: Path = ()
        keys = self.keys()
        for number, (key, start) in enumerate(keys):
            path = (*path, key)
            self.found.setdefault(path, (start, start))
            if is_array and number == len(keys) - 1:
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
                self.found.setdefault(path, (start, start))
        self.next += 2 if is_array else 1
        return path

    def keys(self) -> list[tuple[str, int]]:
        """The keys of a dotted name and where each starts."""
        found = []
        while True:
            token = self.tokens[self.next]
            self.next += 1
            quoted = token.lastgroup == "text"
            found.append((tomllib.loads(f"key = {token.group()}")["key"] if quoted else token.group(), token.start()))
            if not self.takes("."):
                return found

    def pair(self, table: Path) -> None:
        path = table
        for key, start in self.keys():
            path = (*path, key)
            self.found.setdefault(path, (start, start))
        self.takes("=")
        self.found[path] = (self.found[path][0], self.tokens[self.next].start())
        self.value(path)

    def value(self, path: Path) -> None:
        if self.takes("["):
            self.skip_lines()
            index = 0
            while not self.takes("]"):
                start = self.tokens[self.next].start()
                self.found[(*path, index)] = (start, start)
                self.value((*path, index))
                index += 1
                self.skip_lines()
                self.takes(",")
                self.skip_lines()
        elif self.takes("{"):
            while not self.takes("}"):
                self.pair(path)
                self.takes(",")
        elif self.tokens[self.next].lastgroup == "text":
            self.next += 1
        else:
            self.number()

    def number(self) -> None:
        """Step over a number, a date or a word: signs other than the point end it."""
        while self.next < len(self.tokens):
            token = self.tokens[self.next]
            if token.lastgroup == "end" or (token.lastgroup == "sign" and token.group() != "."):
                return
            self.next += 1
