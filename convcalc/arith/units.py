"""Numbers as people read and write them: 44,426; 1.2 M; 4MiB."""

from __future__ import annotations

import re
from functools import cache

DECIMAL = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12, "p": 10**15}
BINARY = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
DTYPE_BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8,
    "int64": 64, "int32": 32, "int16": 16, "int8": 8, "uint8": 8, "int4": 4,
}  # fmt: skip

# What a number may count, by the words that say so.
COUNTED = {
    **dict.fromkeys(("b", "byte", "bytes"), "bytes"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "params"),
    **dict.fromkeys(("mac", "macs"), "macs"),
    **dict.fromkeys(("flop", "flops"), "flops"),
    **dict.fromkeys(("px", "pixel", "pixels"), "pixels"),
    **{word: word for word in ("activations", "buffers", "connections", "layers", "units")},
}
BYTES = "bytes"
MAX_DIGITS = 1000  # of a number that is read; Python itself reads no text of many more


@cache
def _quantity(counted: str) -> re.Pattern[str]:
    """The pattern of a number with an optional unit: any word for what is counted, or its own name."""
    words = {*COUNTED, *([re.escape(counted)] if counted else [])}
    return re.compile(
        rf"(?i)\s*([+-]?\d+(?:\.\d+)?)\s*(ki|mi|gi|ti|[kmgbtp])?\s*({'|'.join(sorted(words, reverse=True))})?\s*"
    )


def count_of(count: int, word: str) -> str:
    """A number and what it counts.

    >>> count_of(1, "file"), count_of(2000, "file"), count_of(3, "bias")
    ('1 file', '2,000 files', '3 biases')
    """
    ending = "" if count == 1 else "es" if word.endswith("s") else "s"
    return f"{group_digits(count)} {word}{ending}"


def parse_quantity(text: str, counted: str = "") -> int | None:
    """The whole number in `text`, with an optional unit; None for any other text.

    `counted` is what the number counts, a value of COUNTED or another word. A text that counts something else is
    refused. The B of `512 B` is a byte only where bytes are counted; elsewhere it is a billion.

    >>> parse_quantity("500k"), parse_quantity("4MiB"), parse_quantity("2.5G"), parse_quantity("x")
    (500000, 4194304, 2500000000, None)
    >>> parse_quantity("1.2 M params", "params"), parse_quantity("7B", "params"), parse_quantity("512 B", "bytes")
    (1200000, 7000000000, 512)
    >>> parse_quantity("4 MiB", "macs") is None
    True
    """
    match = _quantity(counted).fullmatch(text)
    if match is None or counts_other(text, counted):
        return None
    digits, prefix, word = match.groups()
    if len(digits) > MAX_DIGITS:
        return None
    if counted == BYTES and prefix in ("b", "B") and word is None:
        prefix = None
    factor = {**DECIMAL, **BINARY}[prefix.lower()] if prefix else 1
    whole, _, fraction = digits.partition(".")
    scaled = int(whole + fraction) * factor
    quotient, remainder = divmod(scaled, 10 ** len(fraction))
    return None if remainder else quotient


def counts_other(text: str, counted: str) -> str:
    """What a quantity counts, where that is wrong: bytes in place of operations.

    >>> counts_other("4 MiB", "macs"), counts_other("300 MMACs", "macs"), counts_other("5M", "macs")
    ('bytes', '', '')
    """
    match = _quantity(counted).fullmatch(text)
    word = match[3].lower() if match and match[3] else ""
    found = COUNTED.get(word, word)
    return found if counted and found != counted else ""


def quantity_pattern(counted: str) -> str:
    """The regular expression of a quantity for a JSON Schema: a number from 0 up, with an optional unit.

    >>> [bool(re.search(quantity_pattern("macs"), text)) for text in ("300 MMACs", "5k", "4 MiB", "-3")]
    [True, True, False, False]
    """
    words = [word for word, meaning in COUNTED.items() if meaning == counted] or [counted]
    any_case = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in words)
    return rf"^\s*\+?\d+(\.\d+)?\s*([KkMmGgTt][Ii]?|[BbPp])?\s*({any_case})?\s*$"


def percent(part: int, whole: int) -> str:
    """`part` in percent of `whole`, with one decimal below 1,000 %; empty where `whole` is 0.

    >>> percent(1, 8), percent(-1, 8), percent(50, 2), percent(1, 10**9), percent(0, 5), percent(1, 0)
    ('12.5 %', '-12.5 %', '2,500 %', 'under 0.1 %', '0.0 %', '')
    """
    if not whole:
        return ""
    tenths = (2000 * abs(part) + abs(whole)) // (2 * abs(whole))
    if part and not tenths:
        return "under 0.1 %"
    sign = "-" if (part < 0) != (whole < 0) and part else ""
    if tenths >= 10_000:
        return f"{sign}{(tenths + 5) // 10:,} %"
    return f"{sign}{tenths // 10}.{tenths % 10} %"


def group_digits(number: int) -> str:
    """
    >>> group_digits(44426)
    '44,426'
    """
    return f"{number:,}"


def human(number: int) -> str:
    """Three significant digits and a decimal unit, for figures that are read at a glance.

    >>> human(86400), human(714188480), human(999), human(999999), human(10**30)
    ('86.4 k', '714 M', '999', '1.00 M', '1.00e30')
    """
    size, sign = abs(number), "-" if number < 0 else ""
    if size < 1000:
        return str(number)
    # Whole numbers only: a network on paper may have more parameters than a float can hold.
    power = len(str(size)) - 3
    digits = (2 * size + 10**power) // (2 * 10**power)
    if digits == 1000:
        digits, power = 100, power + 1
    exponent = power + 2
    units = ("k", "M", "G", "T", "P", "E")
    if exponent // 3 > len(units):
        return f"{sign}{digits // 100}.{digits % 100:02}e{exponent}"
    point = exponent % 3 + 1
    text = str(digits)
    return f"{sign}{text[:point]}{'.' if point < 3 else ''}{text[point:]} {units[exponent // 3 - 1]}"


def human_bytes(size: int) -> str:
    """
    >>> human_bytes(177704), human_bytes(100), human_bytes(2**50)
    ('173.5 KiB', '100 B', '1,024.0 TiB')
    """
    if size < 1024:
        return f"{size} B"
    units = ("KiB", "MiB", "GiB", "TiB")
    power = min((size.bit_length() - 1) // 10, len(units))
    tenths = (20 * size + 1024**power) // (2 * 1024**power)
    return f"{tenths // 10:,}.{tenths % 10} {units[power - 1]}"
