"""The table of a TOML file as located values. tomllib returns no places: the mark of a value means its key path."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.source import Mark, Source, Value, YamlList, YamlMapping, make_mark

_BARE = re.compile("[A-Za-z0-9_-]+")  # a key that TOML writes without quotes
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlTable:
    """The table under the given keys. The mark of a value is an index of `key_paths`."""

    def __init__(self, value: dict[str, Any], *keys: str) -> None:
        self.name = f"[{'.'.join(keys)}]"
        self.key_paths = [self.name]
        self.root = self._mapping(value, "")

    def _mark(self, path: str) -> Mark:
        self.key_paths.append(f"{self.name} {path}")
        return len(self.key_paths) - 1

    def _located(self, value: Any, path: str, mark: Mark) -> Value:
        if isinstance(value, dict):
            return self._mapping(value, path, mark)
        if isinstance(value, list):
            sequence = YamlList(mark)
            for index, item in enumerate(value):
                inner = f"{path}[{index}]"
                sequence.marks.append(self._mark(inner))
                sequence.items.append(self._located(item, inner, sequence.marks[-1]))
            return sequence
        return value if isinstance(value, (str, int, float)) else str(value)  # a date is not a value of a configuration

    def _mapping(self, value: dict[str, Any], path: str, mark: Mark = 0) -> YamlMapping:
        mapping = YamlMapping(mark)
        for key, item in value.items():
            word = key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
            inner = f"{path}.{word}" if path else word
            place = self._mark(inner)
            mapping.marks.extend((place, place))
            mapping.pairs[key] = self._located(item, inner, place)
        return mapping


def read_table(source: Source, *keys: str) -> TomlTable | None:
    """The table of a TOML file under these keys; None where there is none.

    Raises SpecError where the text is not well-formed.
    """
    try:
        value: Any = tomllib.loads(source.text)
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            return None
        if not isinstance(value, dict):
            subject, where = f"[{'.'.join(keys)}]", Where(source.name)
            raise SpecError([Problem("wrong-type", "this must be a table", where, subject=subject)])
        return TomlTable(value, *keys)
    except ValueError as error:  # also for a number with too many digits for Python
        raise _syntax_error(source, str(error)) from None
    except RecursionError:
        raise source.error("too-large", "arrays and tables are nested too deeply", 0) from None


def _syntax_error(source: Source, message: str) -> SpecError:
    place = _PLACE.search(message)
    lines = source.text.count("\n")
    mark = make_mark(int(place[1]) - 1, int(place[2]) - 1) if place and place[1] else make_mark(lines, 0)
    return source.error("toml-syntax", _PLACE.sub("", message), mark)
