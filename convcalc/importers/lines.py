"""The lines of a spec: an entry on one line where it fits, its keys filled into lines otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.text.writing import MAX_WIDTH, flow_text, key_text

INDENT = 2
# A container is on one line if it has no more entries than this.
MAX_INLINE = 4


def lines_of(key: str, value: Any) -> Iterator[str]:
    """The lines of `key: value`. Blocks and custom types have a line for each of their keys."""
    yield from _pair(key, value, "", 0, spread=2 if key in ("blocks", "custom") else 0)


def _pair(key: str, value: Any, lead: str, column: int, spread: int = 0) -> Iterator[str]:
    """The lines of a pair; `lead` is what comes before the key on its first line, the key is at `column`.

    So many levels of mappings as `spread` have a line for each key.
    """
    head = f"{lead}{key_text(key, in_flow=False)}:"
    if not spread and _fits(value, len(head) + 1):
        yield f"{head} {_flow(value, in_flow=False)}"
    elif isinstance(value, dict) and (spread or _has_lists(value)):
        yield head
        for inner, each in value.items():
            yield from _pair(inner, each, " " * (column + INDENT), column + INDENT, max(0, spread - 1))
    elif isinstance(value, dict):
        yield head
        yield from _filled(value, column + INDENT)
    elif isinstance(value, list):
        yield head
        for item in value:
            yield from _item(item, column + INDENT)
    else:
        yield f"{head} {_flow(value, in_flow=False)}"


def _item(item: Any, column: int) -> Iterator[str]:
    """The lines of an item of a list."""
    lead = " " * column + "- "
    if isinstance(item, dict) and len(item) == 1:
        ((key, value),) = item.items()
        yield from _pair(key, value, lead, column + INDENT)
    else:
        yield lead + _flow(item, in_flow=False)


def _filled(value: dict[str, Any], column: int) -> Iterator[str]:
    """A mapping in braces over several lines."""
    pairs = [f"{key_text(key, in_flow=True)}: {_flow(each)}" for key, each in value.items()]
    line = " " * column + "{"
    for index, pair in enumerate(pairs):
        end = "}" if index == len(pairs) - 1 else ","
        if len(line) + len(pair) + len(end) > MAX_WIDTH and line.strip() != "{":
            yield line.rstrip()
            line = " " * (column + 1)
        line += pair + end + (" " if end == "," else "")
    yield line


def _fits(value: Any, column: int) -> bool:
    if isinstance(value, dict) and not all(map(_is_short, value.values())):
        return False
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return False
    return column + len(_flow(value)) <= MAX_WIDTH


def _is_short(value: Any) -> bool:
    """Whether a value may be inside braces: a few plain entries, a short table, or a value of a key."""
    if not isinstance(value, list):
        return True
    entries = [item for item in value if isinstance(item, dict)]
    return len(entries) == 0 or (len(value) <= MAX_INLINE and all(map(_is_plain_entry, value)))


def _is_plain_entry(item: Any) -> bool:
    return not isinstance(item, dict) or all(not _has_lists(each) for each in item.values() if isinstance(each, dict))


def _has_lists(value: dict[str, Any]) -> bool:
    """Whether a mapping holds a list of entries, or a table."""
    return any(
        isinstance(each, list) and any(isinstance(item, (dict, list)) for item in each) for each in value.values()
    )


def _flow(value: Any, *, in_flow: bool = True) -> str:
    """A value on one line; an entry in a list needs no braces of its own."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key, in_flow=True)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_list, value)) + "]"
    return flow_text(value, in_flow=in_flow)


def _in_list(item: Any) -> str:
    return _flow(item)[1:-1] if isinstance(item, dict) and len(item) == 1 else _flow(item)
