"""Numbers as people read and write them: 44,426; 1.2 M; 4MiB."""

from __future__ import annotations

import re

DECIMAL = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12, "p": 10**15}
BINARY = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
DTYPE_BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8,
    "int64": 64, "int32": 32, "int16": 16, "int8": 8, "uint8": 8, "int4": 4,
}  # fmt: skip

_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(ki|mi|gi|ti|[kmgbtp])?(?:b|bytes|macs|params|flops)?\s*", re.I)


def parse_quantity(text: str) -> int | None:
    """The whole number that `text` writes with an optional unit, or None when it is no such thing.

    >>> parse_quantity("500k"), parse_quantity("4MiB"), parse_quantity("2.5G"), parse_quantity("x")
    (500000, 4194304, 2500000000, None)
    """
    match = _QUANTITY.fullmatch(text)
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

    >>> human(86400), human(714188480), human(999), human(999999)
    ('86.4 k', '714 M', '999', '1.00 M')
    """
    if abs(number) < 1000:
        return str(number)
    units = ("", " k", " M", " G", " T", " P", " E")
    scale = 0
    # The bound is where rounding to three digits would carry into a fourth.
    while scale < len(units) - 1 and 2 * abs(number) >= 1999 * 1000**scale:
        scale += 1
    value = number / 1000**scale
    if abs(value) >= 1000:
        return f"{value:.3g}{units[scale]}"
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f}{units[scale]}"


def human_bytes(size: int) -> str:
    """
    >>> human_bytes(177704), human_bytes(100)
    ('173.5 KiB', '100 B')
    """
    if size < 1024:
        return f"{size} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024 ** (("KiB", "MiB", "GiB", "TiB").index(unit) + 2) or unit == "TiB":
            break
    power = ("KiB", "MiB", "GiB", "TiB").index(unit) + 1
    return f"{size / 1024**power:,.1f} {unit}"
