"""The lines of a spec: an entry on one line where it fits, its keys filled into lines otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.text.writing import MAX_WIDTH, flow_text, key_text

INDENT = 2
# A container is on one line if it has no more entries than this.
MAX_INLINE = 4
# What would take more lines than this in braces has a line for each of its keys.
MAX_WRAPPED = 6


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
    elif isinstance(value, dict) and not spread and _may_wrap(value):
        yield from _wrapped(value, head, column + INDENT)
    elif isinstance(value, dict) and (spread or _has_lists(value)):
        yield head
        for inner, each in value.items():
            yield from _pair(inner, each, " " * (column + INDENT), column + INDENT, max(0, spread - 1))
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


def _wrapped(value: dict[str, Any], head: str, column: int) -> Iterator[str]:
    """A mapping in braces: on the line below its key where it fits there, else from the line of the key on."""
    whole = " " * column + _flow(value)
    if len(whole) <= MAX_WIDTH:
        yield head
        yield whole
        return
    line = head + " "
    for piece in _pieces(value):
        if len(line.rstrip()) + len(piece.rstrip()) > MAX_WIDTH - 1 and line.strip():
            yield line.rstrip()
            line = " " * (column + INDENT)
        line += piece
    yield line


def _pieces(value: Any) -> Iterator[str]:
    """The text of a value in pieces between which a line may end: behind the items of its own lists and mappings."""
    if isinstance(value, dict):
        parts = [(f"{key_text(key, in_flow=True)}: ", each) for key, each in value.items()]
        opening, closing = "{", "}"
    else:
        parts, opening, closing = [("", each) for each in value], "[", "]"
    for index, (label, each) in enumerate(parts):
        end = closing if index == len(parts) - 1 else ", "
        is_item = isinstance(value, list)
        pieces = list(_pieces(each)) if _is_nested(each) else [_in_list(each) if is_item else _flow(each)]
        if is_item and _is_nested(each) and isinstance(each, dict):  # an entry needs no braces of its own
            pieces[0] = pieces[0][1:]
            pieces[-1] = pieces[-1][:-1]
        if label == "layers: " and len(pieces[0]) > 1:  # a line may end before the first entry
            pieces[:1] = [pieces[0][:1], pieces[0][1:]]
        pieces[0] = (opening if index == 0 else "") + label + pieces[0]
        pieces[-1] += end
        yield from pieces


def _is_nested(value: Any) -> bool:
    """Whether a value holds a table or a list of entries, or is long."""
    if isinstance(value, dict):
        return any(map(_is_nested, value.values())) or (len(value) == 1 and len(_flow(value)) > MAX_WIDTH // 2)
    return isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)


def count_lines(item: Any) -> int:
    """How many lines an item of a list takes, a few levels deep."""
    return sum(1 for _ in _item(item, 2 * INDENT))


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
    return not isinstance(item, dict) or all("layers" not in each for each in item.values() if isinstance(each, dict))


def _has_lists(value: dict[str, Any]) -> bool:
    """Whether a mapping holds a list of entries, or a table."""
    return any(
        isinstance(each, list) and any(isinstance(item, (dict, list)) for item in each) for each in value.values()
    )


def _may_wrap(value: dict[str, Any]) -> bool:
    """Whether a mapping may be in braces over several lines: parameters, a small table, a few plain entries."""
    if any(isinstance(each, dict) and _has_lists(each) for each in value.values()):
        return False
    return all(map(_is_short, value.values())) and len(_flow(value)) <= MAX_WRAPPED * MAX_WIDTH


def _flow(value: Any, *, in_flow: bool = True) -> str:
    """A value on one line; an entry in a list needs no braces of its own."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key, in_flow=True)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_list, value)) + "]"
    return flow_text(value, in_flow=in_flow)


def _in_list(item: Any) -> str:
    return _flow(item)[1:-1] if isinstance(item, dict) and len(item) == 1 else _flow(item)
