"""The scale of an axis: where a value is on it, and the round numbers at its ticks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from convcalc.arith.units import group_digits

Number = int | float
DECADES = 2  # an axis that spans more of them is logarithmic
PADDING = 0.04  # of the length of an axis, at each end
LEAST, MOST = 1e-100, 1e100  # the sizes of numbers that can be drawn
SAME = 1e-9  # values that are nearer to each other, relative to their size, are one value
UNITS_FROM = 10_000  # 1,200 is shorter than 1.2 K
_UNITS = ((12, "T"), (9, "G"), (6, "M"), (3, "K"), (0, ""))


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, which are logarithms to the base 10 where `is_log`."""

    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False  # whether all values are whole numbers, so that a tick at 2.5 means nothing

    def at(self, value: Number) -> float:
        """The place of a value: 0 at the low end of the axis, 1 at the high end."""
        place = (math.log10(value) if self.is_log else float(value)) - self.low
        return min(max(place / (self.high - self.low), 0.0), 1.0)

    def ticks(self, most: int) -> list[Number]:
        """The round numbers on the axis: at most about so many."""
        return list(self._powers(most) if self.is_log else self._steps(most))

    def _steps(self, most: int) -> Iterator[Number]:
        """The multiples of 1, 2 or 5 times a power of 10."""
        rough = (self.high - self.low) / max(most, 1)
        power = math.floor(math.log10(rough))
        factor = next((each for each in (1, 2, 5) if each * 10.0**power >= rough * (1 - SAME)), 10)
        if self.is_whole and power < 0:
            factor, power = 1, 0
        step = factor * 10**power if power >= 0 else factor / 10**-power
        for number in range(math.ceil(self.low / step - SAME), math.floor(self.high / step + SAME) + 1):
            # A product of a whole number and 10**-power would be 0.30000000000000004.
            yield number * step if power >= 0 else number * factor / 10**-power

    def _powers(self, most: int) -> Iterator[Number]:
        """Powers of 10, every second or third one where they are many; with 2 and 5 between where they are few."""
        first, last = math.floor(self.low), math.floor(self.high)
        every = max(-(-(last - first) // max(most, 1)), 1)
        for power in range(first if every == 1 else first + 1, last + 1, every):
            for factor in (1, 2, 5) if 3 * (self.high - self.low) <= most + 1 else (1,):
                tick = factor * 10**power if power >= 0 else factor / 10**-power
                if self.low <= math.log10(tick) <= self.high and not (self.is_whole and power < 0):
                    yield tick


def scale_of(low: Number, high: Number, *, is_whole: bool = False) -> Scale:
    """The scale for values from `low` to `high`: logarithmic where they span more than two decades."""
    if low > 0 and math.log10(high) - math.log10(low) > DECADES:
        return _padded(math.log10(low), math.log10(high), True, is_whole)
    size = max(abs(low), abs(high))
    if high - low <= size * SAME:
        around = max(1.0, size * SAME * 4) if is_whole else size / 10 or 1.0
        return _padded(low - around, high + around, False, is_whole)
    return _padded(float(low), float(high), False, is_whole)


def _padded(low: float, high: float, is_log: bool, is_whole: bool) -> Scale:
    around = (high - low) * PADDING
    return Scale(low - around, high + around, is_log, is_whole)


def can_be_drawn(value: Number) -> bool:
    """Whether a number has a place on an axis: it is finite, and not absurdly large or small."""
    return value == 0 or LEAST <= abs(value) <= MOST


def tick_texts(ticks: list[Number], is_log: bool) -> list[str]:
    """The ticks as texts with a unit: one unit for all of them, or on a logarithmic axis one for each.

    >>> tick_texts([0, 500_000, 1_000_000, 1_500_000], False), tick_texts([0.25, 0.5], False)
    (['0', '0.5 M', '1 M', '1.5 M'], ['0.25', '0.5'])
    >>> tick_texts([100, 1000, 20_000], True), tick_texts([44_425, 44_426], False), tick_texts([10**20], True)
    (['100', '1 K', '20 K'], ['44,425', '44,426'], ['1e20'])
    """
    if is_log:
        return [_with_unit(tick, _power(tick)) for tick in ticks]
    size = max(map(abs, ticks), default=0)
    power = _power(size) if size >= UNITS_FROM else 0
    texts = [_with_unit(tick, power) for tick in ticks]
    if power and any(len(text.partition(".")[2]) > len("00 M") for text in texts):
        return [group_digits(tick) if isinstance(tick, int) else f"{tick:,.12g}" for tick in ticks]
    return texts


def _power(size: Number) -> int:
    """The power of 10 of the unit for numbers of this size."""
    return next((power for power, _ in _UNITS if size >= 10**power), 0)


def _with_unit(tick: Number, power: int) -> str:
    if tick == 0:
        return "0"
    if abs(tick) >= 10**15 or abs(tick) < 1e-3:
        mantissa, _, exponent = f"{tick:.9e}".partition("e")
        return f"{float(mantissa):.9g}e{int(exponent)}"
    unit = dict(_UNITS)[power]
    return f"{tick / 10**power:,.12g}{f' {unit}' if unit else ''}"
