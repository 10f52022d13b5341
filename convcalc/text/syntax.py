"""The errors of a text that is not well-formed YAML.

PyYAML has a C parser and a Python parser, whose messages and limits differ. This module gives both the same depth
limit, and the same messages for frequent mistakes.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Where
from convcalc.text.events import events
from convcalc.text.source import BREAK, Mark, Source, make_mark

RULE = "yaml-syntax"
# The context that both parsers give for an error in brackets, where no comma or bracket follows a value.
_FLOW = ("while parsing a flow mapping", "while parsing a flow sequence")
# The context for an error in a collection without brackets, and our message; the line is where the collection starts.
_BLOCK = {
    "while parsing a block mapping": "expected a key of the mapping that starts on line {line}",
    "while parsing a block collection": "expected an item of the list that starts on line {line}",
}
# Parts of the other messages of the parsers, and our messages.
_REWORDED = {
    "cannot start any token": "no value can start with this character",
    "mapping values are not allowed": "a `:` is not allowed here",
    "sequence entries are not allowed": "a `-` is not allowed here",
    "could not find expected ':'": "expected `: ` after this key",
    "<document start>": "expected the end of the text here",
    "node content": "expected a value here",
}


def too_deep(source: Source, mark: Mark) -> SpecError:
    """The error for collections that are nested too deep."""
    message = f"nested over {bounds.MAX_YAML_DEPTH} levels deep"
    return source.error("too-deep", message, mark, bounds.how_to_raise("MAX_YAML_DEPTH"))


def syntax_error(source: Source, error: yaml.YAMLError) -> SpecError:
    """The error for a text that PyYAML refuses."""
    if isinstance(error, yaml.reader.ReaderError):
        return _bad_character(source, error)
    if not isinstance(error, yaml.MarkedYAMLError) or (place := error.problem_mark or error.context_mark) is None:
        return source.error(RULE, str(error), 0)
    # libyaml 0.2.6 has a limit of 1,000 levels, and stops before it gives the events that it has read ahead.
    # Reading the text again, up to that place, gives these events: our lower limit then applies first.
    opened = _open_collections(source.text[: place.index])
    if len(opened) > bounds.MAX_YAML_DEPTH:
        return too_deep(source, _mark_of(opened[-1].start_mark))
    mark, message = _place_and_message(source, error, place, opened)
    return source.error(RULE, message, mark, _help(source, mark, message))


def _open_collections(text: str) -> list[Any]:
    """The start events of the collections that are open at the end of a text, up to one more than are allowed."""
    opened: list[Any] = []
    try:
        for event in events(text):
            if isinstance(event, CollectionStartEvent):
                opened.append(event)
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
            if len(opened) > bounds.MAX_YAML_DEPTH:
                break
    except yaml.YAMLError:
        pass  # the text is cut off
    return opened


def _place_and_message(source: Source, error: yaml.MarkedYAMLError, place: Any, opened: list[Any]) -> tuple[Mark, str]:
    text, context = source.text, error.context or ""
    is_end = not text[place.index :].strip()
    mark = _mark_at(text, min(place.index, len(text.rstrip()))) if is_end else _mark_of(place)
    if context == "while scanning a quoted scalar" and is_end and error.context_mark is not None:
        return _mark_of(error.context_mark), "this quote is not closed"
    bracket = _open_bracket(text, opened)
    if bracket is not None and (is_end or context in _FLOW):
        return _bracket_error(text, bracket, mark, is_end=is_end)
    if context in _BLOCK and error.context_mark is not None:
        return mark, _BLOCK[context].format(line=error.context_mark.line + 1)
    if is_end and error.context_mark is not None:  # the start of the unfinished value is a better place than the end
        mark = _mark_of(error.context_mark)
    problem = error.problem or "not well-formed"
    for part, words in _REWORDED.items():
        if part in problem:
            return mark, words
    return mark, f"{problem} ({context})" if context else problem


def _open_bracket(text: str, opened: list[Any]) -> int | None:
    """The offset of the innermost open bracket. `[a: 1` also opens a mapping, which has no bracket."""
    for event in reversed(opened):
        offset: int = event.end_mark.index - 1
        if event.flow_style and text[offset : offset + 1] in ("[", "{"):
            return offset
    return None


def _bracket_error(text: str, bracket: int, mark: Mark, *, is_end: bool) -> tuple[Mark, str]:
    """The place and message of an error inside {} or []."""
    start, opening = _mark_at(text, bracket), text[bracket]
    closing = {"[": "]", "{": "}"}[opening]
    if is_end:
        return start, f"this `{opening}` is not closed"
    where = Source("", text).where
    found, opened = where(mark), where(start)
    if found.line > opened.line:
        place = f"line {found.line}, column {found.column}"
        return start, f"this `{opening}` is not closed: `,` or `{closing}` must come before {place}"
    return mark, f"expected `,` or `{closing}` here, inside the `{opening}` of column {opened.column}"


def _bad_character(source: Source, error: yaml.reader.ReaderError) -> SpecError:
    """The error for a character that YAML does not allow. The Python parser counts characters, libyaml bytes."""
    if error.encoding == "unicode":
        offset = error.position
    else:
        offset = len(source.text.encode()[: error.position].decode(errors="ignore"))
    code = ord(error.character) if isinstance(error.character, str) else error.character
    return source.error(RULE, f"the character U+{code:04X} is not allowed in YAML", _mark_at(source.text, offset))


def _mark_of(place: Any) -> Mark:
    """The mark of a place as PyYAML gives it."""
    return make_mark(place.line, place.column)


def _mark_at(text: str, offset: int) -> Mark:
    line = start = 0
    for end in re.finditer(BREAK, text[:offset]):
        line, start = line + 1, end.end()
    return make_mark(line, offset - start)


def _help(source: Source, mark: Mark, message: str) -> str:
    where = source.where(mark)
    line, above = source.excerpt(where), _line_above(source, where)
    if re.search(r"[:,\[]\s*=[^\"']*[\[{,]", line):
        return 'in {…} and […] YAML ends a value at , ] and }: put quotes around the expression, "=d[0]"'
    if "\t" in line:
        return "indent with spaces: YAML allows no tabs"
    unclosed = re.match(r"this (`[\[{]`|quote) is not closed", message)
    if unclosed:
        opening = line[where.column - 1 : where.column]
        closing = {"[": "]", "{": "}"}.get(opening, opening)
        return f"write `{closing}` where it ends, as at the end of line {where.line}"
    if line[where.column - 1 : where.column] in ("}", "]") and message.startswith("expected a"):
        return f"remove this `{line[where.column - 1]}`: it closes nothing"
    word = line.strip()
    if message.startswith("expected `: `"):
        return f"begin an entry with a dash: `- {word}`" if above.lstrip().startswith("-") else f"write `{word}: …`"
    if message.startswith("a `:`"):
        return _colon_help(line, above)
    if message.startswith("a `-`"):
        return "begin each item on a line of its own, below its key"
    return "put quotes around the text" if message.startswith("no value can start") else ""


def _colon_help(line: str, above: str) -> str:
    """The help for a line with a colon where none is allowed."""
    pairs = re.fullmatch(r"(\s*(?:- *)?\w+): (\w+: .*)", line)
    if pairs:
        return f"put the parameters in braces: `{pairs[1].strip()}: {{{pairs[2]}}}`"
    if _indent(line) > _indent(above) and ": " in above:
        return "indent it like the line above"
    return ""


def _indent(line: str) -> int:
    """The column of the first key or item of a line."""
    return len(line) - len(line.lstrip(" -"))


def _line_above(source: Source, where: Where) -> str:
    return source.excerpt(where._replace(line=where.line - 1)) if where.line > 1 else ""
