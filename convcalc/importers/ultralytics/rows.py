"""The text of a model file: its keys, and a row for each module: [from, number, module, arguments]."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

from convcalc import bounds
from convcalc.language.expression_errors import ExpressionError
from convcalc.language.expressions import evaluate
from convcalc.text.compose import compose
from convcalc.text.source import Expression, Mark, Source, Value, YamlList, YamlMapping

_WORDS = {"None": None, "True": True, "False": False}
_ARITHMETIC = re.compile(r"[\w. ()*/+-]*[*/+-][\w. ()*/+-]*")


class Row(NamedTuple):
    """A module: the rows that it reads (-1: the one before), how many of it there are, its class, its arguments.

    `reads_many` is whether the file gives a list of rows. `mark` is where it is in the text, `place` its number.
    """

    place: int
    reads: list[int]
    reads_many: bool
    number: int
    module: str
    arguments: list[Any]
    mark: Mark


class ModelFile:
    """A model file: its rows, and its other keys as plain values."""

    def __init__(self, source: Source) -> None:
        self.source = source
        root = compose(source)
        self.keys = {key: _plain(value) for key, value in root.pairs.items() if key not in ("backbone", "head")}
        self._marks = {key: root.value_mark(key) for key in root.pairs}
        self.rows: list[Row] = []
        for part in ("backbone", "head"):
            rows = root.pairs.get(part)
            if not isinstance(rows, YamlList):
                self.fail(f"`{part}` must be a list of rows", self._marks.get(part, 0))
            for value, mark in zip(rows.items, rows.marks):
                self.rows.append(self._row(value, mark))
        if not self.rows:
            self.fail("the file has no rows", 0)

    def fail(self, message: str, mark: Mark, help: str = "", rule: str = "unreadable-file") -> NoReturn:
        raise self.source.error(rule, message, mark, help)

    def whole(self, key: str, default: int) -> int:
        """A key whose value is a whole number from 1. Raises SpecError for another value."""
        value = self.keys.get(key)
        if value is None:
            return default
        if not _is_whole(value) or value < 1:
            self.fail(f"`{key}` must be a whole number from 1, not {value!r}", self._marks[key])
        return int(value)

    def factor(self, key: str) -> float:
        """A key whose value is a number above 0; 1 where it is not there."""
        value = self.keys.get(key, 1)
        if not is_number(value) or not 0 < value < 1000:
            self.fail(f"`{key}` must be a number above 0, not {value!r}", self._marks[key])
        return float(value)

    def fail_at(self, key: str, message: str, help: str = "") -> NoReturn:
        self.fail(message, self._marks.get(key, 0), help)

    def _row(self, value: Value, mark: Mark) -> Row:
        fields = _plain(value)
        if not isinstance(fields, list) or len(fields) != 4:
            self.fail("a row is [from, number, module, arguments]", mark, "as in [-1, 1, Conv, [64, 3, 2]]")
        reads, number, module, arguments = fields
        index = len(self.rows)
        many = reads if isinstance(reads, list) else [reads]
        if not many or not all(_is_whole(each) and -index - (index == 0) <= each < max(index, 1) for each in many):
            self.fail(f"`from` must name earlier rows: -1, or numbers below {index}", mark)
        number = self._argument(number)
        if not _is_whole(number) or not 1 <= number <= bounds.MAX_LAYERS:
            self.fail(f"the number of modules must be a whole number from 1, not {str(number)[:80]}", mark)
        if not isinstance(module, str):
            self.fail(f"the module must be the name of a class, not {module!r}", mark)
        if not isinstance(arguments, list):
            self.fail("the arguments of a module are a list", mark)
        arguments = [self._argument(each) for each in arguments]
        return Row(index, many, isinstance(reads, list), number, module.strip(), arguments, mark)

    def _argument(self, value: Any) -> Any:
        """An argument; a text may name a key of the file, or be Python's None, or small arithmetic."""
        if isinstance(value, list):
            return [self._argument(each) for each in value]
        if not isinstance(value, str):
            return value
        text = value.strip()
        if text in _WORDS:
            return _WORDS[text]
        if text in self.keys:
            return self.keys[text]
        if _ARITHMETIC.fullmatch(text) and re.search(r"\d|\b(?:nc|anchors|ch)\b", text):
            try:
                return evaluate(Expression(text), self._number)
            except (ExpressionError, KeyError):
                return text
        return text

    def _number(self, name: str) -> Any:
        if name == "na" and "anchors" in self.keys:  # anchors of a map
            anchors = self.keys["anchors"]
            return len(anchors[0]) // 2 if isinstance(anchors, list) else anchors
        return self.keys[name]


def _plain(value: Value) -> Any:
    if isinstance(value, YamlMapping):
        return {key: _plain(each) for key, each in value.pairs.items()}
    if isinstance(value, YamlList):
        return [_plain(each) for each in value.items]
    return f"={value.text}" if isinstance(value, Expression) else value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
