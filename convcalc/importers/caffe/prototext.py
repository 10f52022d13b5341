"""Reads the text format of protocol buffers, without a schema: every field by name, with its place.

name: "net"  layer { name: 'conv1' convolution_param { kernel_size: 3 kernel_size: 5 } }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where

MAX_DEPTH = 60
LARGEST = 2**31 - 1  # a whole number of Caffe has 32 bits
_TOKEN = re.compile(
    r"""(?P<blank>(?:[\s,;]|\#[^\n]*)+)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<word>[-+]?[A-Za-z0-9_.][A-Za-z0-9_.+-]*)
    |(?P<sign>[{}<>:\[\]/-])""",
    re.VERBOSE,
)
_CLOSING = {"{": "}", "<": ">"}


class Token(NamedTuple):
    kind: str
    text: str
    offset: int


class Scalar(NamedTuple):
    """A value that is no message, as it is written, strings without quotes."""

    text: str
    where: Where


class Message:
    """A message: its fields in order, each with all its values. Reading a value of a wrong kind raises SpecError."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.fields: dict[str, list[Message | Scalar]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def messages(self, name: str) -> list[Message]:
        """All messages of a field."""
        values = self.fields.get(name, [])
        for value in values:
            if isinstance(value, Scalar):
                raise refusal(f"{name} must be a message in braces, not {shown(value.text)}", value.where)
        return [value for value in values if isinstance(value, Message)]

    def message(self, name: str) -> Message:
        """The message of a field; an empty one where it is not given."""
        values = self.messages(name)
        return values[-1] if values else Message(self.where)

    def scalars(self, name: str) -> list[Scalar]:
        values = self.fields.get(name, [])
        for value in values:
            if isinstance(value, Message):
                raise refusal(f"{name} must be a value, not a message", value.where)
        return [value for value in values if isinstance(value, Scalar)]

    def texts(self, name: str) -> list[str]:
        return [value.text for value in self.scalars(name)]

    def text(self, name: str, default: str = "") -> str:
        """The value of a field; of several the last counts, as in protocol buffers."""
        values = self.scalars(name)
        return values[-1].text if values else default

    def flag(self, name: str, default: bool = False) -> bool:
        if name not in self:
            return default
        text = self.text(name)
        if text in ("true", "True", "t", "1"):
            return True
        if text in ("false", "False", "f", "0"):
            return False
        raise refusal(f"{name} must be true or false, not {shown(text)}", self.place(name))

    def integers(self, name: str, least: int = 0) -> list[int]:
        """The whole numbers of a field that may be given several times."""
        return [_integer(name, value, least) for value in self.scalars(name)]

    def integer(self, name: str, default: int, least: int = 0) -> int:
        values = self.integers(name, least)
        return values[-1] if values else default

    def number(self, name: str, default: float) -> float:
        values = self.scalars(name)
        return _number(name, values[-1]) if values else default

    def numbers(self, name: str) -> list[float]:
        return [_number(name, value) for value in self.scalars(name)]

    def place(self, name: str) -> Where:
        """Where a field is, or the message where it is not given."""
        return self.fields[name][-1].where if name in self else self.where


def refusal(message: str, where: Where, help: str = "") -> SpecError:
    """The error of a file that cannot be read."""
    return SpecError([Problem("unreadable-file", message, where, help=help)])


def shown(text: str) -> str:
    """A text of the source, short enough for a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _integer(name: str, value: Scalar, least: int) -> int:
    number = int(value.text) if re.fullmatch(r"[-+]?\d{1,12}", value.text, re.ASCII) else None
    if number is None or abs(number) > LARGEST or number < least:
        kind = "a whole number of 32 bits" if least < 0 else f"a whole number from {least}"
        raise refusal(f"{name} must be {kind}, not {shown(value.text)}", value.where)
    return number


def _number(name: str, value: Scalar) -> float:
    text = value.text.rstrip("fF") or value.text
    match = re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text, re.ASCII)
    number = float(match[0]) if match else float("inf")
    if abs(number) == float("inf"):
        raise refusal(f"{name} must be a number, not {shown(value.text)}", value.where)
    return number


class _Reader:
    """Reads one text; `token` is the next token, None at the end."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.line = 1
        self.line_start = self.counted = 0
        self.tokens = self._tokens()
        self.values = 0
        self.token = next(self.tokens, None)

    def _tokens(self) -> Iterator[Token]:
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                message = f"{shown(self.text[position])} does not belong here"
                raise refusal(message, self.where(position), "a string ends on its line, with the quote it began with")
            if match.lastgroup != "blank":
                yield Token(match.lastgroup or "", match[0], position)
            position = match.end()

    def where(self, offset: int) -> Where:
        """The place of an offset; offsets only grow, so that lines are counted once."""
        if offset >= self.counted:
            breaks = self.text.count("\n", self.counted, offset)
            if breaks:
                self.line += breaks
                self.line_start = self.text.rfind("\n", self.counted, offset) + 1
            self.counted = offset
        return Where(self.name, self.line, max(1, offset - self.line_start + 1))

    def here(self) -> Where:
        return self.where(self.token.offset if self.token else len(self.text))

    def next(self) -> None:
        self.token = next(self.tokens, None)

    def takes(self, text: str) -> bool:
        """Whether the next token is this sign; it is passed then."""
        if self.token is None or self.token.kind != "sign" or self.token.text != text:
            return False
        self.next()
        return True

    def message(self, message: Message, closing: str, depth: int) -> None:
        """Read fields into a message until its closing bracket; at the outside until the end."""
        while self.token is not None:
            if closing and self.takes(closing):
                return
            self.field(message, depth)
        if closing:
            raise refusal(f"the file ends inside a message that begins in line {message.where.line}", self.here())

    def field(self, message: Message, depth: int) -> None:
        token = self.token
        if token is None or token.kind != "word":
            raise refusal(f"a field name must stand here, not {shown(token.text if token else '')}", self.here())
        self.next()
        values = message.fields.setdefault(token.text, [])
        has_colon = self.takes(":")
        if has_colon and self.takes("["):
            while not self.takes("]"):
                values.append(self.value(token.text, has_colon, depth))
        else:
            values.append(self.value(token.text, has_colon, depth))

    def value(self, name: str, has_colon: bool, depth: int) -> Message | Scalar:
        where, token = self.here(), self.token
        self.values += 1
        if self.values > bounds.MAX_NETWORK_TEXT_VALUES:
            message = f"the file has more than {bounds.MAX_NETWORK_TEXT_VALUES:,} values"
            raise refusal(message, where, bounds.how_to_raise("MAX_NETWORK_TEXT_VALUES"))
        for opening, closing in _CLOSING.items():
            if self.takes(opening):
                if depth >= MAX_DEPTH:
                    raise refusal(f"messages are nested more than {MAX_DEPTH} deep", where)
                inner = Message(where)
                self.message(inner, closing, depth + 1)
                return inner
        if token is None or token.kind == "sign" or not has_colon:
            found = "the end of the file" if token is None else shown(token.text)
            raise refusal(f"a value of {name} must stand here, not {found}", where, "write `name: value`")
        self.next()
        if token.kind != "string":
            return Scalar(token.text, where)
        text = _unquoted(token.text)
        while self.token is not None and self.token.kind == "string":  # neighbours are one string
            text += _unquoted(self.token.text)
            self.next()
        return Scalar(text, where)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def read_message(name: str, text: str) -> Message:
    """The message that a text holds. Raises SpecError at the place where it is none."""
    reader = _Reader(name, text)
    message = Message(Where(name, 1, 1))
    reader.message(message, "", 0)
    return message
