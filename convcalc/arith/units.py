"""Numbers as people read and write them: 44,426; 1.2 M; 4MiB."""

from __future__ import annotations

import re

DECIMAL = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12, "p": 10**15}
BINARY = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
DTYPE_BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8,
    "int64": 64, "int32": 32, "int16": 16, "int8": 8, "uint8": 8, "int4": 4,
}  # fmt: skip

_QUANTITY = r"(?i)\s*([+-]?\d+(?:\.\d+)?)\s*(ki|mi|gi|ti|[kmgbtp])?(?:b|bytes|macs|params|flops)?\s*"


def parse_quantity(text: str) -> int | None:
    """The whole number that `text` writes with an optional unit, or None when it is no such thing.

    >>> parse_quantity("500k"), parse_quantity("4MiB"), parse_quantity("2.5G"), parse_quantity("x")
    (500000, 4194304, 2500000000, None)
    """
    match = re.fullmatch(_QUANTITY, text)
    if match is None:
        return None
    digits, unit = match.groups()
    factor = {**DECIMAL, **BINARY}[unit.lower()] if unit else 1
    whole, _, fraction = digits.partition(".")
    scaled = int(whole + fraction) * factor
    quotient, remainder = divmod(scaled, 10 ** len(fraction))
    return None if remainder else quotient


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
