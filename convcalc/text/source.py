"""Located values: the values of a file, with the line and column of every key and value."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where

if TYPE_CHECKING:
    from convcalc.text.values import Plain

# A place: file * FILE + line * LINE + column, all from 0. File 0 is the spec itself, the others are included files.
# One integer for each value keeps a file of 100,000 layers small.
Mark = int
LINE = 1 << 28
FILE = 1 << 56
BREAK = "\r\n|[\n\r\x85\u2028\u2029]"  # what YAML counts as the end of a line
MAX_MESSAGE = 600
MANY_KEYS = 32


def make_mark(line: int, column: int) -> Mark:
    """The mark of a place in the spec's own file; line and column count from 0."""
    return line * LINE + column


def is_in_own_file(mark: Mark) -> bool:
    """Whether a place is in the spec's own file, not in an included one."""
    return mark < FILE


def mark_in_included_file(mark: Mark, number: int) -> Mark:
    """The same line and column as a mark in an included file; the first file has the number 1."""
    return mark + number * FILE


def line_and_column(mark: Mark) -> tuple[int, int]:
    """The line and column of a mark in its file, from 0."""
    return divmod(mark % FILE, LINE)


class Expression:
    """A value that starts with `=`. `text` is what follows the sign, `code` its parsed form after the first use."""

    __slots__ = ("text", "code")

    def __init__(self, text: str) -> None:
        self.text = text
        self.code: Any = None

    def __repr__(self) -> str:
        return f"={self.text}"


Value: TypeAlias = "bool | int | float | str | Expression | YamlMapping | YamlList | None"


class YamlMapping:
    """A YAML mapping: its pairs in order; `marks` has the mark of the first key, of its value, of the next key, …"""

    __slots__ = ("mark", "pairs", "marks", "_places")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.pairs: dict[str, Value] = {}
        self.marks = array("Q")
        self._places: dict[str, int] | None = None  # the index of each key, where the mapping is large

    def key_mark(self, key: str) -> Mark:
        return self.marks[2 * self._index(key)]

    def value_mark(self, key: str) -> Mark:
        return self.marks[2 * self._index(key) + 1]

    def _index(self, key: str) -> int:
        if len(self.pairs) < MANY_KEYS:
            return list(self.pairs).index(key)
        if self._places is None or len(self._places) != len(self.pairs):
            self._places = {each: place for place, each in enumerate(self.pairs)}
        return self._places[key]


class YamlList:
    """A YAML sequence and the mark of each item."""

    __slots__ = ("mark", "items", "marks")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.items: list[Value] = []
        self.marks = array("Q")


def has_expressions(value: Value) -> bool:
    """Whether a value is an expression, or has one inside."""
    if isinstance(value, YamlMapping):
        return any(map(has_expressions, value.pairs.values()))
    if isinstance(value, YamlList):
        return any(map(has_expressions, value.items))
    return isinstance(value, Expression)


def as_plain(value: Value) -> Plain:
    """A value as plain data: an expression is a text that starts with `=`."""
    if isinstance(value, Expression):
        return f"={value.text}"
    if isinstance(value, YamlList):
        return [as_plain(item) for item in value.items]
    if isinstance(value, YamlMapping):
        return {key: as_plain(item) for key, item in value.pairs.items()}
    return value


class Source:
    """A text, its name in messages, and the files that it includes. A mark is in one of these files.

    `path` is the path of the text's file, empty for a text from memory. `reader` reads the files that it includes; None
    means from disk. `included` are the included files: a mark of the first is from FILE on, of the second from
    2 * FILE on. `incomplete` is true where an included file could not be read: names may then be missing.
    """

    __slots__ = ("_cursor", "name", "text", "path", "reader", "included", "incomplete", "values")

    def __init__(self, name: str, text: str, path: str = "") -> None:
        self.name = name
        self.text = text
        self.path = path
        self.reader: IncludeReader | None = None
        self.included: list[Source] = []
        self.incomplete = False
        self.values = 0  # the number of its values, with aliases written out; `compose` sets it
        self._cursor = (1, 0)  # the last line that was read, and its start: most problems come in file order

    def file_of(self, mark: Mark) -> Source:
        return self if is_in_own_file(mark) else self.included[mark // FILE - 1]

    def where(self, mark: Mark) -> Where:
        line, column = line_and_column(mark)
        return Where(self.file_of(mark).name, line + 1, column + 1)

    def line_of(self, mark: Mark) -> int:
        return line_and_column(mark)[0] + 1

    def place_of(self, mark: Mark) -> str:
        """The line of a mark in words, with the file where there are several."""
        return f"line {self.line_of(mark)}" + (f" of {self.file_of(mark).name}" if self.included else "")

    def excerpt(self, where: Where) -> str:
        """The text of a line; empty where there is no such line."""
        line, start = self._cursor if self._cursor[0] <= where.line else (1, 0)
        # Not splitlines: it would copy a long file.
        for found in re.compile(BREAK).finditer(self.text, start):
            if line >= where.line:
                self._cursor = line, start
                return self.text[start : found.start()] if where.line else ""
            line, start = line + 1, found.end()
        return self.text[start:] if line == where.line else ""

    def problem(self, rule: str, message: str, mark: Mark, **details: Any) -> Problem:
        where = self.where(mark)
        return Problem(rule, _shortened(message), where, excerpt=self.file_of(mark).excerpt(where), **details)

    def error(self, rule: str, message: str, mark: Mark, help: str = "") -> SpecError:
        return SpecError([self.problem(rule, message, mark, help=help)])


class IncludeReader(Protocol):
    """Finds and reads the files that a spec includes by path. `allowed` says in messages which files these are."""

    allowed: str

    def find(self, path: str, beside: str) -> str | None:
        """The place of a path that is relative to the file at `beside`; None where it may not be read."""

    def read(self, place: str) -> Source:
        """The file at a place that `find` gave. Raises SpecError where it cannot be read."""


def _shortened(message: str) -> str:
    """The beginning and the end of a long message. A message may quote a value of a million characters."""
    return message if len(message) <= MAX_MESSAGE else f"{message[:300]} … {message[-200:]}"


def decode(name: str, data: bytes, path: str = "") -> Source:
    """The text of a file. Raises SpecError where it is not UTF-8 text."""

    def error(message: str, help: str) -> SpecError:
        return SpecError([Problem("encoding", message, Where(name), help=help)])

    if len(data) > bounds.MAX_FILE_BYTES:
        raise error(f"the file has {len(data):,} bytes", bounds.how_to_raise("MAX_FILE_BYTES"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise error("the file is encoded in UTF-16", "save it as UTF-8")
    if b"\0" in data:
        raise error("the file contains NUL bytes: it is not a text file", "a spec is a YAML file in UTF-8")
    try:
        # A byte order mark is not part of the text.
        return Source(name, data.removeprefix(b"\xef\xbb\xbf").decode(), path)
    except UnicodeDecodeError as undecodable:
        line = data.count(b"\n", 0, undecodable.start) + 1
        column = undecodable.start - (data.rfind(b"\n", 0, undecodable.start) + 1) + 1
        problem = Problem(
            "encoding", "this byte is not UTF-8", Where(name, line, column), help="save the file as UTF-8"
        )
        raise SpecError([problem]) from None
