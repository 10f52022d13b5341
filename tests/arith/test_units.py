"""Numbers as people write and read them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.arith.units import DTYPE_BITS, group_digits, human, human_bytes, parse_quantity, percent

QUANTITIES = [
    ("500k", 500_000), ("5M", 5_000_000), ("2.5G", 2_500_000_000), ("1.25k", 1250), ("4MiB", 4 * 2**20), ("1KiB", 1024),
    ("1 GiB", 2**30), ("1kB", 1000), ("3 MB", 3_000_000), ("7", 7), ("-3", -3), ("0.5k", 500), ("2T", 2 * 10**12),
    ("1P", 10**15), ("1B", 10**9), ("12 params", 12), ("5 MMACs", 5_000_000), ("0.5", None), ("1.2345k", None), ("x",
     None),
    ("", None), ("k", None), ("5X", None), ("1,000", None), ("5 5", None), ("1e3", None),
]  # fmt: skip


WITH_UNITS = [
    ("300 MMACs", "macs", 300_000_000), ("300 M macs", "macs", 300_000_000), ("1 MAC", "macs", 1),
    ("2 GFLOPs", "flops", 2 * 10**9), ("1.2 M params", "params", 1_200_000), ("1.2M parameters", "params", 1_200_000),
    ("1 param", "params", 1), ("4 MiB", "bytes", 2**22), ("4 mib", "bytes", 2**22), ("4 Mi", "bytes", 2**22),
    ("512 B", "bytes", 512), ("512 bytes", "bytes", 512), ("1.5 kB", "bytes", 1500), ("7B", "params", 7 * 10**9),
    ("7 B params", "params", 7 * 10**9), ("224 px", "pixels", 224), ("50 layers", "layers", 50), ("50", "layers", 50),
    ("4 MiB", "macs", None), ("4 MB", "params", None), ("300 MMACs", "flops", None), ("2 GFLOPs", "macs", None),
    ("5 M params", "bytes", None), ("224 px", "layers", None), ("12 apples", "params", None), ("M", "params", None),
    ("5 M M", "params", None), ("0.5 B", "bytes", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "counted", "value"), WITH_UNITS)
def test_a_quantity_counts_what_it_should(text: str, counted: str, value: int | None) -> None:
    assert parse_quantity(text, counted) == value


@given(st.integers(0, 10**30), st.integers(1, 10**30))
def test_percent_is_the_nearest_tenth(part: int, whole: int) -> None:
    text = percent(part, whole)
    if text == "under 0.1 %":
        assert 0 < 2000 * part < whole
    else:
        tenths = Fraction(text.removesuffix(" %").replace(",", "")) * 10
        assert abs(Fraction(1000 * part, whole) - tenths) <= (5.5 if tenths >= 10_000 else Fraction(1, 2))


@pytest.mark.parametrize(("text", "value"), QUANTITIES)
def test_quantities(text: str, value: int | None) -> None:
    assert parse_quantity(text) == value


HUMAN = [(0, "0"), (7, "7"), (999, "999"), (1000, "1.00 k"), (86400, "86.4 k"), (999_499, "999 k"), (999_500, "1.00 M"),
         (714_188_480, "714 M"), (10**13, "10.0 T"), (10**18, "1.00 E"), (-1500, "-1.50 k")]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), HUMAN)
def test_human(number: int, text: str) -> None:
    assert human(number) == text


@given(st.integers(0, 10**30))
def test_human_is_within_a_half_percent(number: int) -> None:
    digits, _, unit = human(number).partition(" ")
    factor = 10 ** (3 * ["", "k", "M", "G", "T", "P", "E"].index(unit))
    assert abs(float(digits) * factor - number) <= 0.0051 * number


BYTES = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (177704, "173.5 KiB"), (2**20, "1.0 MiB"), (2**40, "1.0 TiB"),
         (2**60, "1,048,576.0 TiB")]  # fmt: skip


@pytest.mark.parametrize(("size", "text"), BYTES)
def test_human_bytes(size: int, text: str) -> None:
    assert human_bytes(size) == text


def test_digits_in_groups() -> None:
    assert group_digits(10**13) == "10,000,000,000,000"


def test_dtypes_say_their_bits() -> None:
    assert all(str(bits) in name for name, bits in DTYPE_BITS.items())
