"""Writes plain values as YAML text: on one line in {} and [], or one member a line; with quotes only where needed."""

from __future__ import annotations

import json
import re

from convcalc import bounds
from convcalc.text.scalars import resolve_plain
from convcalc.text.values import EditError, Plain, wrong_type

MAX_WIDTH = 120  # a wider collection has one member on each line
INDENT = 2
# Text with these needs quotes: without them YAML reads something else.
_UNSAFE = re.compile(r"""^[-?:,\[\]{}#&*!|>'"%@`\s]|: |:$| #|\s$""")
_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}]")
_ESCAPED = re.compile(
    r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]"
)  # JSON does not escape these, and YAML does not allow them


def scalar_text(value: Plain, *, in_flow: bool, quote: str = "", is_key: bool = False) -> str:
    """The YAML text of a scalar. A text gets the `quote` of the value that it replaces.

    >>> [scalar_text(value, in_flow=True) for value in (3, 0.5, True, None, "same", "12", "=d[0]", "=2 * d")]
    ['3', '0.5', 'true', 'null', 'same', '"12"', '"=d[0]"', '=2 * d']
    """
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, (int, float)):
        return _number_text(value)
    if not isinstance(value, str):
        raise wrong_type(value)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise EditError("half of a surrogate pair is not a character", "a spec is written in UTF-8")
    is_safe = (
        value != ""
        and value.isprintable()
        and not _UNSAFE.search(value)
        and not (in_flow and _UNSAFE_IN_FLOW.search(value))
    )
    if is_safe and not quote and (is_key or _is_text(value)):
        return value
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _is_text(text: str) -> bool:
    try:
        return isinstance(resolve_plain(text), str)
    except ValueError:
        return False


def _number_text(value: float) -> str:
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
        return repr(value)
    if abs(value) >= 10 ** (bounds.MAX_DIGITS - 1):
        raise EditError(f"the number has over {bounds.MAX_DIGITS - 1} digits", bounds.how_to_raise("MAX_DIGITS"))
    return str(value)


def flow_text(value: Plain, *, in_flow: bool = True, quote: str = "") -> str:
    """A value on one line.

    >>> flow_text({"name": "conv", "kernel_size": [3, 3], "out_channels": "=max(1, d)"})
    '{name: conv, kernel_size: [3, 3], out_channels: "=max(1, d)"}'
    """
    if isinstance(value, dict):
        pairs = (f"{key_text(key, in_flow=True)}: {flow_text(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    return scalar_text(value, in_flow=in_flow, quote=quote)


def key_text(key: str, *, in_flow: bool, quote: str = "") -> str:
    return scalar_text(key, in_flow=in_flow, quote=quote, is_key=True)


def wants_lines(value: Plain, column: int) -> bool:
    """Whether a value outside of {} and [] gets lines of its own for its members."""
    if not isinstance(value, (dict, list)) or not value:
        return False
    return _has_list_of_mappings(value) or column + len(flow_text(value)) > MAX_WIDTH


def _has_list_of_mappings(value: Plain) -> bool:
    """Whether a list in the value has a mapping, as in a list of layers, a container or a list of branches."""
    if isinstance(value, dict):
        return any(map(_has_list_of_mappings, value.values()))
    return isinstance(value, list) and any(isinstance(item, dict) or _has_list_of_mappings(item) for item in value)


def lines_text(value: Plain, column: int, newline: str) -> str:
    """A collection with one member on each line. The first line has no indent, the others start at `column`.

    >>> print(lines_text([{"conv2d": {"kernel_size": 3}}, "relu"], 0, chr(10)))
    - conv2d: {kernel_size: 3}
    - relu
    """
    if isinstance(value, dict):
        members = [pair_text(key, item, column, newline) for key, item in value.items()]
    else:
        assert isinstance(value, list)
        members = [item_text(item, column, newline) for item in value]
    return (newline + " " * column).join(members)


def pair_text(key: str, value: Plain, column: int, newline: str) -> str:
    """`key: value` outside of {} and []; the key is at `column`."""
    head = key_text(key, in_flow=False) + ":"
    if wants_lines(value, column + len(head) + 1):
        inner = column + INDENT
        return head + newline + " " * inner + lines_text(value, inner, newline)
    return f"{head} {flow_text(value, in_flow=False)}"


def item_text(value: Plain, column: int, newline: str) -> str:
    """`- value` with the dash at `column`; an entry becomes `- type: {…}`."""
    inner = column + INDENT
    is_entry = isinstance(value, dict) and value != {}
    if is_entry or wants_lines(value, inner):
        return "- " + lines_text(value, inner, newline)
    return "- " + flow_text(value, in_flow=False)


def literal_text(value: str, header: str, column: int, newline: str) -> str | None:
    """A text as a block in the style of `header` (| or >), its lines at `column`; None where that is impossible."""
    body = value.rstrip("\n")
    rows = body.split("\n")
    if not body or rows[0][:1] in (" ", "\t") or not all(row.isprintable() for row in rows) or rows[0] == "":
        return None
    if header == ">" and (len(rows) > 1 or body.startswith(" ")):
        header = "|"
    ends = len(value) - len(body)
    chomping = "-" if ends == 0 else "" if ends == 1 else "+"
    text = [f"{header}{chomping}", *(" " * column + row if row else "" for row in rows), *[""] * max(0, ends - 1)]
    return newline.join(text)
