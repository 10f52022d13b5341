"""The value of a plain scalar, by the core schema of YAML 1.2."""

from __future__ import annotations

import re

from convcalc import bounds
from convcalc.text.source import Value

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
    """The value of a scalar without quotes. Raises ValueError for a number of too many digits.

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
