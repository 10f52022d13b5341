"""The kinds of values of a configuration: each reads a value, reports what is wrong, and has a schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from convcalc.checking.configuration.patterns import Patterns, missing_folder
from convcalc.importers import PYTORCH
from convcalc.language.structure import SORTS
from convcalc.problems import Problem, Where, nearest
from convcalc.schema.fragments import Schema, reference
from convcalc.text.collector import Problems
from convcalc.text.source import Mark, Source, Value, YamlList, YamlMapping


class FileContext:
    """The context of all values of one file: its text, the folder of its patterns, and the problems found so far.

    `key_paths` are those of a TOML file, by the marks of its values; None for a YAML file, whose marks are places.
    """

    __slots__ = ("source", "folder", "key_paths", "problems")

    def __init__(self, source: Source, folder: str, key_paths: Sequence[str] | None = None) -> None:
        self.source = source
        self.folder = folder
        self.key_paths = key_paths
        self.problems = Problems(source)

    def place(self, mark: Mark) -> str:
        """The place of a value in words: its line and column or, in a TOML file, its key path."""
        return str(self.source.where(mark)) if self.key_paths is None else f"{self.source.name}: {self.key_paths[mark]}"

    def add(self, rule: str, message: str, mark: Mark, help: str = "") -> None:
        """Report a problem of a value."""
        if self.key_paths is None:
            self.problems.add(rule, message, mark, help=help)
        else:
            where = Where(self.source.name)
            self.problems.add_existing(Problem(rule, message, where, subject=self.key_paths[mark], help=help))

    def wrong_value(self, message: str, mark: Mark, help: str = "") -> None:
        self.add("wrong-value", message, mark, help)

    def wrong_type(self, what: str, expected: str, value: Value, mark: Mark, help: str = "") -> None:
        received = SORTS.get(type(value), "a number" if isinstance(value, (int, float)) else "an expression")
        self.add("wrong-type", f"{what} must be {expected}, not {received}", mark, help)

    def unknown(self, what: str, key: str, known: Iterable[str], mark: Mark) -> None:
        words = list(known)
        help = nearest(key, words) or f"{what} takes {', '.join(words)}"
        self.add("unknown-key", f"{what} has no `{key}`", mark, help)


class ValueKind(Protocol):
    """One kind of value."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> Any:
        """The value as plain data; None for a wrong value, which is reported. `what` is its name in messages."""

    def schema(self) -> Schema:
        """The JSON Schema of the accepted values."""


class Text:
    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> str | None:
        if isinstance(value, str) and value:
            return value
        context.wrong_type(what, "text", value, mark)
        return None

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


class WordList:
    """A list of words, or a single word."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> list[tuple[str, Mark]] | None:
        items, marks = (value.items, value.marks) if isinstance(value, YamlList) else ([value], [mark])
        found = []
        for item, place in zip(items, marks):
            if isinstance(item, str) and item:
                found.append((item, place))
            else:
                context.wrong_type(f"an item of {what}", "text", item, place)
        return found

    def schema(self) -> Schema:
        return reference("words")

    def definition(self) -> Schema:
        return one_or_more({"type": "string", "minLength": 1})


class Choice:
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> str | None:
        if isinstance(value, str) and value in self.words:
            return value
        *others, last = self.words
        received = f", not `{value}`" if isinstance(value, str) else ""
        help = nearest(value, self.words) if isinstance(value, str) else ""
        context.wrong_value(f"{what} must be {', '.join(others)} or {last}{received}", mark, help)
        return None

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class Paths:
    """Path patterns. With `must_exist`, a pattern that cannot match any path is a mistake."""

    def __init__(self, must_exist: bool) -> None:
        self.must_exist = must_exist

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> Patterns | None:
        found = []
        for pattern, place in WordList().read(value, mark, what, context) or ():
            missing = missing_folder(pattern, context.folder) if self.must_exist else ""
            if ".." in pattern.split("/"):
                message = f"`{pattern}` is outside the folder of this file"
                context.wrong_value(message, place, "put a configuration there")
            elif missing:
                help = "a pattern is relative to the folder of this file"
                context.wrong_value(f"`{pattern}` matches nothing: there is no `{missing}`", place, help)
            elif _is_pattern(pattern):
                found.append(pattern)
            else:
                help = "write it as in .gitignore: models/**/*.yaml"
                context.wrong_value(f"`{pattern}` is not a pattern", place, help)
        return Patterns(found)

    def schema(self) -> Schema:
        return WordList().schema()


def _is_pattern(text: str) -> bool:
    try:
        Patterns([text])
    except ValueError:
        return False
    return True


class Targets:
    """A mapping from specs to what each is compared with. Code is named in a call alone: a file must not run it."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> dict[str, str] | None:
        if not isinstance(value, YamlMapping):
            context.wrong_type(what, "a mapping", value, mark, "write a line for each spec: models/net.yaml: net.onnx")
            return None
        found = {}
        for key, item in value.pairs.items():
            target = Text().read(item, value.value_mark(key), f"`{key}`", context)
            if target is not None and target.startswith(PYTORCH):
                message = f"{what} cannot name code: `{target}` would run without being typed"
                help = "give it in the call: `convcalc check FILE --against pytorch:MODULE:NAME`"
                context.wrong_value(message, value.value_mark(key), help)
            elif target is not None:
                found[key] = target
        return found

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": "string"}}


class Table:
    """A mapping with these keys, each with a kind and an explanation. The `required` keys must be there."""

    def __init__(self, keys: dict[str, tuple[ValueKind, str]], required: tuple[str, ...] = ()) -> None:
        self.keys = keys
        self.required = required

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> dict[str, Any] | None:
        if not isinstance(value, YamlMapping):
            context.wrong_type(what, "a mapping", value, mark)
            return None
        found = {}
        for key, item in value.pairs.items():
            if key not in self.keys:
                context.unknown(what, key, self.keys, value.key_mark(key))
                continue
            read = self.keys[key][0].read(item, value.value_mark(key), f"`{key}`", context)
            if read is not None:
                found[key] = read
        for key in self.required:
            if key not in value.pairs:
                context.add("missing-key", f"{what} has no `{key}`", mark)
        return found

    def schema(self) -> Schema:
        properties = {
            key: {**({"description": words} if words else {}), **kind.schema()}
            for key, (kind, words) in self.keys.items()
        }
        required = {"required": list(self.required)} if self.required else {}
        return {"type": "object", "properties": properties, "additionalProperties": False, **required}


class Tables:
    """A list of tables, or a single table."""

    def __init__(self, table: ValueKind) -> None:
        self.table = table

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> list[Any] | None:
        items, marks = (value.items, value.marks) if isinstance(value, YamlList) else ([value], [mark])
        read = [self.table.read(item, place, f"an item of {what}", context) for item, place in zip(items, marks)]
        return [item for item in read if item is not None]

    def schema(self) -> Schema:
        return one_or_more(self.table.schema())


def one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


class NamedKind(ValueKind, Protocol):
    """A kind that many keys share: its schema is defined once, under a name."""

    def definition(self) -> Schema:
        """The schema of the accepted values, in full."""
