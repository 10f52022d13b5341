"""YAML to located values.

The text is read from PyYAML's event stream, not through its constructor: events keep the place of every value, and
the constructor's YAML 1.1 is not the language's (duplicate keys, `no` as false, `012` as ten, sexagesimal numbers).
Scalars follow YAML 1.2's core schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.source import LINE, Expression, Mark, Source, Value, YamlList, YamlMapping

COLLECTION_SIZE = 4  # the values whose memory an empty mapping takes
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(source: Source, values: int = 0) -> YamlMapping:
    """The one mapping that the text holds. Raises SpecError at the first thing that is not well-formed.

    `values` is how many were read before, from the files that include this one.
    """
    composer = _Composer(source, values)
    try:
        root = composer.run(events(source.text))
    except yaml.YAMLError as error:
        raise _syntax_error(source, error) from None
    source.values = composer.size
    if not isinstance(root, YamlMapping):
        what = "the file is empty" if root is None else "the file holds no mapping"
        raise SpecError(
            [Problem("not-a-spec", what, Where(source.name), help="a spec has the keys `input` and `layers`")]
        )
    return root


def events(text: str) -> Iterator[Any]:
    """The events of a text, as `yaml.parse` gives them with two calls for each. Raises yaml.YAMLError on the way."""
    loader = LOADER(text)
    return iter(loader.get_event, None)


class _Composer:
    def __init__(self, source: Source, size: int) -> None:
        self.source = source
        self.anchors: dict[str, tuple[Value, Mark, int]] = {}
        self.open_anchors: set[str] = set()
        self.documents = 0
        self.size = size  # values so far, an alias counted as all that it stands for
        self.keys: dict[str, str] = {}
        self.resolved: dict[str, Value] = {}  # plain scalars seen before: most of a large file's are

    def run(self, events: Iterator[Any]) -> Value:
        """One loop over the events; `stack` holds the open collections, so that depth costs no recursion."""
        root: Value = None
        stack: list[tuple[Any, str | None, Mark, str | None, int]] = []
        container: Any = None  # the collection being filled
        pairs: dict[str, Value] | None = None  # its pairs where it is a mapping
        key: str | None = None  # the key that waits for its value
        key_mark = 0
        keys, resolved = self.keys, self.resolved

        for event in events:
            kind = type(event)
            start = event.start_mark
            mark = start.line * LINE + start.column
            value: Value
            if kind is ScalarEvent:
                text = event.value
                if key is None and pairs is not None:
                    key, key_mark = keys.setdefault(text, text), mark
                    if event.tag is not None or event.anchor is not None or key in pairs:
                        self.refuse_key(event, container, key, mark)
                    continue
                if event.tag is not None:
                    raise self.tag_error(event.tag, mark)
                if text[:1] == "=":
                    value = Expression(text[1:].strip())
                elif event.style is None or event.style == "":
                    value = resolved[text] if text in resolved else self.plain(text, mark)
                else:
                    value = text
                self.size += 1
                if self.size > bounds.MAX_YAML_VALUES:
                    raise self.too_many_values(mark)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (value, mark, 1)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value, mark = container, container.mark
                container, key, key_mark, anchor, before = stack.pop()
                pairs = container.pairs if type(container) is YamlMapping else None
                if anchor is not None:
                    self.open_anchors.discard(anchor)
                    self.anchors[anchor] = (value, mark, self.size - before)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                as_key = key is None and pairs is not None
                if as_key or event.tag is not None or event.anchor is not None or len(stack) >= bounds.MAX_YAML_DEPTH:
                    self.check_collection(event, as_key, mark, len(stack))
                stack.append((container, key, key_mark, event.anchor, self.size))
                container = YamlMapping(mark) if kind is MappingStartEvent else YamlList(mark)
                pairs = container.pairs if kind is MappingStartEvent else None
                key = None
                self.size += COLLECTION_SIZE
                if self.size > bounds.MAX_YAML_VALUES:
                    raise self.too_many_values(mark)
                continue
            elif kind is AliasEvent:
                value = self.alias(event.anchor, mark, key is None and pairs is not None)
            else:
                if kind is DocumentStartEvent:
                    self.check_document(mark)
                continue

            if key is not None:
                container.pairs[key] = value
                container.marks.extend((key_mark, mark))
                key = None
            elif container is None:
                root = value
            else:
                container.items.append(value)
                container.marks.append(mark)
        return root

    def check_document(self, mark: Mark) -> None:
        self.documents += 1
        if self.documents > 1:
            help = "one file holds one spec"
            raise self.source.error("second-document", "a second document starts here", mark, help)

    def plain(self, text: str, mark: Mark) -> Value:
        try:
            value = resolve_plain(text)
        except ValueError:
            raise self.source.error(
                "too-large",
                f"a number of {len(text):,} characters",
                mark,
                f"numbers have at most {bounds.MAX_DIGITS} digits; " + bounds.how_to_raise("MAX_DIGITS"),
            ) from None
        self.resolved[text] = value
        return value

    def check_collection(self, event: Any, as_key: bool, mark: Mark, depth: int) -> None:
        if event.tag is not None:
            raise self.tag_error(event.tag, mark)
        if as_key:
            raise self.source.error(
                "bad-key", "a key must be a plain word, not a collection", mark, "write `name: value`"
            )
        if depth >= bounds.MAX_YAML_DEPTH:
            raise self.source.error(
                "too-deep",
                f"nested over {bounds.MAX_YAML_DEPTH} levels deep",
                mark,
                bounds.how_to_raise("MAX_YAML_DEPTH"),
            )
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)

    def alias(self, anchor: str, mark: Mark, as_key: bool) -> Value:
        """What an alias stands for."""
        if as_key:
            raise self.source.error("bad-key", f"the alias *{anchor} stands where a key must", mark)
        if anchor in self.open_anchors:
            raise self.source.error("alias-cycle", f"the alias *{anchor} stands inside what &{anchor} names", mark)
        if anchor not in self.anchors:
            raise self.source.error("unknown-alias", f"no anchor &{anchor} stands before this alias", mark)
        value, _, weight = self.anchors[anchor]
        self.size += weight
        if self.size > bounds.MAX_YAML_VALUES:
            raise self.too_many_values(mark)
        return value

    def too_many_values(self, mark: Mark) -> SpecError:
        message = f"with its aliases written out the file has over {bounds.MAX_YAML_VALUES:,} values"
        return self.source.error("too-large", message, mark, bounds.how_to_raise("MAX_YAML_VALUES"))

    def tag_error(self, tag: str, mark: Mark) -> SpecError:
        return self.source.error(
            "tag", f"the tag {tag} is not allowed", mark, "a spec is plain data: leave the tag out"
        )

    def refuse_key(self, event: Any, container: YamlMapping, key: str, mark: Mark) -> None:
        if event.tag is not None:
            raise self.tag_error(event.tag, mark)
        if event.anchor is not None:
            raise self.source.error("bad-key", "a key cannot carry an anchor", mark)
        first = self.source.line_of(container.key_mark(key))
        raise self.source.error(
            "duplicate-key", f"`{key}` is written twice here, first on line {first}", mark, "keep one of the two"
        )


_WORDS: dict[str, Value] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip
for _sign in ("", "+", "-"):
    for _word in (".inf", ".Inf", ".INF"):
        _WORDS[_sign + _word] = float(_sign + "inf")
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_NUMBER_STARTS = frozenset("+-.0123456789")


def resolve_plain(text: str) -> Value:
    """A plain scalar by YAML 1.2's core schema. Raises ValueError for a number of too many digits.

    >>> [resolve_plain(word) for word in ("12", "0x1F", "1e3", "no", "true", "~", "012", "1_000")]
    [12, 31, 1000.0, 'no', True, None, 12, '1_000']
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    digits = text[1:] if text[0] in "+-" else text
    is_integer = digits.isascii() and digits.isdigit()
    is_based = not is_integer and re.fullmatch(r"0o[0-7]+|0x[0-9a-fA-F]+", text)
    if not is_integer and not is_based and not re.fullmatch(_FLOAT, text):
        return text
    if len(text) > bounds.MAX_DIGITS:
        raise ValueError("too many digits")
    return int(text) if is_integer else int(text, 0) if is_based else float(text)


def _syntax_error(source: Source, error: yaml.YAMLError) -> SpecError:
    help = ""
    if isinstance(error, yaml.MarkedYAMLError):
        place = error.problem_mark or error.context_mark
        mark = place.line * LINE + place.column if place is not None else 0
        message = error.problem or "not well-formed"
        if error.context:
            message = f"{message} ({error.context})"
    elif isinstance(error, yaml.reader.ReaderError):
        if error.encoding == "unicode":  # the pure Python parser counts characters, libyaml bytes
            before = source.text[: error.position]
        else:
            before = source.text.encode()[: error.position].decode(errors="ignore")
        mark = before.count("\n") * LINE + len(before) - (before.rfind("\n") + 1)
        code = ord(error.character) if isinstance(error.character, str) else error.character
        message = f"the character U+{code:04X} is not allowed in YAML"
    else:
        mark, message = 0, str(error)
    line = source.excerpt(source.where(mark)) or source.excerpt(source.where(max(mark - LINE, 0)))
    if re.search(r"[:,\[]\s*=[^\"']*[\[{,]", line):
        help = 'in {…} and […] YAML ends a value at , ] and }: put quotes around the expression, "=d[0]"'
    elif "\t" in line:
        help = "indent with spaces: YAML allows no tabs"
    return source.error("yaml-syntax", message, mark, help)
