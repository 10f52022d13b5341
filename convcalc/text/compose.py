"""Reads a YAML text into located values.

The reader uses PyYAML's events, not its constructor. Events have the place of every value. The constructor follows
YAML 1.1, which the language does not: duplicate keys, `no` as false, `012` as ten, sexagesimal numbers. `scalars`
has the meaning of a plain scalar.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import MappingStartEvent

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.events import EventReader
from convcalc.text.scalars import resolve_plain
from convcalc.text.source import LINE, Expression, Mark, Source, Value, YamlList, YamlMapping

COLLECTION_SIZE = 4  # an empty mapping takes the memory of four values


def compose(source: Source, values: int = 0) -> YamlMapping:
    """The mapping at the root of a text. Raises SpecError at the first place that is not well-formed.

    `values` is the number of values that were already read from the files that include this one.
    """
    composer = _Composer(source, values)
    try:
        composer.read(source.text)
    except yaml.YAMLError as error:
        from convcalc.text.syntax import syntax_error  # only a text with a mistake needs it

        raise syntax_error(source, error) from None
    source.values = composer.size
    root = composer.root
    if not isinstance(root, YamlMapping):
        message = "the file is empty" if root is None else "the file is not a mapping"
        help = "a spec has the keys `input` and `layers`"
        if isinstance(root, YamlList):
            help = "write `input: [3, 32, 32]` at the top, then `layers:`, then this list"
        raise SpecError([Problem("not-a-spec", message, Where(source.name), help=help)])
    return root


class _Composer(EventReader):
    """Builds the located values of a text. Raises SpecError at the first mistake."""

    def __init__(self, source: Source, size: int) -> None:
        self.source = source
        self.root: Value = None
        self.size = size  # the number of values so far; an alias counts as many as the value that it repeats
        self.container: YamlMapping | YamlList | None = None  # the innermost open collection
        self.key: str | None = None  # the key of the container that has no value yet
        self.key_mark: Mark = 0
        # For each open collection: the container, key and key mark around it, its anchor, and the size at its start.
        self.stack: list[tuple[YamlMapping | YamlList | None, str | None, Mark, str | None, int]] = []
        self.anchors: dict[str, tuple[Value, int]] = {}  # the values with an anchor, and their sizes
        self.open_anchors: set[str] = set()
        self.documents = 0
        self.keys: dict[str, str] = {}  # one string object for all equal keys
        self.resolved: dict[str, Value] = {}  # plain scalars seen before: in a large file most repeat

    def scalar(self, event: Any) -> None:
        mark = _mark(event)
        text = event.value
        if self.key is None and type(self.container) is YamlMapping:
            self.key, self.key_mark = self.keys.setdefault(text, text), mark
            if event.tag is not None or event.anchor is not None or text in self.container.pairs:
                raise self.key_error(event, self.container, text, mark)
            return
        if event.tag is not None:
            raise self.tag_error(event.tag, mark)
        value: Value
        if text[:1] == "=":
            value = Expression(text[1:].strip())
        elif not event.style:
            value = self.resolved[text] if text in self.resolved else self.plain_value(text, mark)
        else:
            value = text
        self.count_values(1, mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        self.add_value(value, mark)

    def open_collection(self, event: Any) -> None:
        mark = _mark(event)
        if event.tag is not None:
            raise self.tag_error(event.tag, mark)
        if self.awaits_key:
            help = "write `name: value`; an expression reads a param, as in `out_channels: =width`"
            raise self.source.error("bad-key", "a key must be a plain word, not a collection", mark, help)
        if len(self.stack) >= bounds.MAX_YAML_DEPTH:
            from convcalc.text.syntax import too_deep  # as above

            raise too_deep(self.source, mark)
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)
        self.stack.append((self.container, self.key, self.key_mark, event.anchor, self.size))
        self.container = YamlMapping(mark) if type(event) is MappingStartEvent else YamlList(mark)
        self.key = None
        self.count_values(COLLECTION_SIZE, mark)

    def close_collection(self, event: Any) -> None:
        value = self.container
        assert value is not None
        value.marks = value.marks[:]  # without the room to grow, half of its memory
        self.container, self.key, self.key_mark, anchor, size_before = self.stack.pop()
        if anchor is not None:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = (value, self.size - size_before)
        self.add_value(value, value.mark)

    def alias(self, event: Any) -> None:
        anchor, mark = event.anchor, _mark(event)
        if self.awaits_key:
            raise self.source.error("bad-key", f"expected a key here, not the alias *{anchor}", mark)
        if anchor in self.open_anchors:
            raise self.source.error("alias-cycle", f"the alias *{anchor} is inside the value of its anchor", mark)
        if anchor not in self.anchors:
            raise self.source.error("unknown-alias", f"there is no anchor &{anchor} before this alias", mark)
        value, size = self.anchors[anchor]
        self.count_values(size, mark)
        self.add_value(value, mark)

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            help = "a file has one spec: write the second one to a file of its own"
            raise self.source.error("second-document", "a second document starts here", _mark(event), help)

    @property
    def awaits_key(self) -> bool:
        return self.key is None and type(self.container) is YamlMapping

    def add_value(self, value: Value, mark: Mark) -> None:
        """Add a value to the innermost open collection; without an open one it is the root."""
        container = self.container
        if self.key is not None:
            assert type(container) is YamlMapping
            container.pairs[self.key] = value
            container.marks.extend((self.key_mark, mark))
            self.key = None
        elif container is None:
            self.root = value
        else:
            assert type(container) is YamlList
            container.items.append(value)
            container.marks.append(mark)

    def count_values(self, by: int, mark: Mark) -> None:
        """Count values. Raises SpecError where there are too many."""
        self.size += by
        if self.size > bounds.MAX_YAML_VALUES:
            message = f"the file has over {bounds.MAX_YAML_VALUES:,} values when its aliases are written out"
            raise self.source.error("too-large", message, mark, bounds.how_to_raise("MAX_YAML_VALUES"))

    def plain_value(self, text: str, mark: Mark) -> Value:
        """The value of a plain scalar. Raises SpecError for a number that is too long."""
        try:
            value = resolve_plain(text)
        except ValueError:
            message = f"this number has {len(text):,} characters"
            help = f"numbers have at most {bounds.MAX_DIGITS} digits; " + bounds.how_to_raise("MAX_DIGITS")
            raise self.source.error("too-large", message, mark, help) from None
        self.resolved[text] = value
        return value

    def tag_error(self, tag: str, mark: Mark) -> SpecError:
        return self.source.error("tag", f"the tag {tag} is not allowed", mark, "a spec is plain data: remove the tag")

    def key_error(self, event: Any, container: YamlMapping, key: str, mark: Mark) -> SpecError:
        if event.tag is not None:
            return self.tag_error(event.tag, mark)
        if event.anchor is not None:
            return self.source.error("bad-key", "a key cannot have an anchor", mark, "remove the anchor")
        cut, start = next(reversed(container.pairs.items()))
        if isinstance(start, str) and start[:1] == "(" and key.endswith(")") and "(" not in key:  # of (2, 2)
            message = f"`{start}, {key}` is not a list: YAML writes it in [ ]"
            help = f"write `{cut}: [{start[1:]}, {key[:-1]}]`"
            return self.source.error("wrong-value", message, container.value_mark(cut), help)
        first = self.source.line_of(container.key_mark(key))
        message = f"`{key}` is written twice here, first on line {first}"
        return self.source.error("duplicate-key", message, mark, "keep one of the two")


def _mark(event: Any) -> Mark:
    start = event.start_mark
    mark: Mark = start.line * LINE + start.column  # the formula of `make_mark`, without a call for each value
    return mark
