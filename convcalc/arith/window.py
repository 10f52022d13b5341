"""One axis of a window: which input positions one output position reads.

A window is *quasi-affine*: output `u = q * period + r` reads the taps of residue `r` moved by `q * shift`. An ordinary
convolution has period 1 and shift = stride; a transposed one has period = stride and shift 1; interpolation and
adaptive pooling repeat with the period of their ratio. Receptive fields and costs both follow from it.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from math import gcd
from typing import TYPE_CHECKING

from convcalc.arith.formula import Formula, ceil_div
from convcalc.plain_tuple import PlainTuple

if TYPE_CHECKING:
    from fractions import Fraction

# floor((n + before + after - dilation (k - 1) - 1) / stride) + 1: torch.nn.Conv2d, "Shape".
OUTPUT_SIZE = Formula("(size + before + after - dilation * (kernel - 1) - 1) // stride + 1")
# Rounded up, but the last window starts inside the input or its leading padding: torch.nn.MaxPool2d, "ceil_mode".
OUTPUT_SIZE_CEIL = Formula(
    "min(ceil_div(size + before + after - dilation * (kernel - 1) - 1, stride) + 1, ceil_div(size + before, stride))"
)
# torch.nn.ConvTranspose2d, "Shape".
TRANSPOSED_SIZE = Formula("(size - 1) * stride - before - after + dilation * (kernel - 1) + output_padding + 1")
SAME_SIZE = Formula("ceil_div(size, stride)")

ZERO = "zero"
CLAMP = "clamp"
REFLECT = "reflect"
CIRCULAR = "circular"

Taps = tuple[int, int, int]  # first, last, step

# Bounds on what is listed one by one: the outputs of a period, and the outputs along an axis.
MAX_PERIOD = 1 << 14
MAX_UNITS = 1 << 18


class Window(PlainTuple):
    """`taps[r]` are the input positions that output r reads, for r below `period`; None if it reads none.

    `border` is what a tap outside the input reads: nothing (`zero`), or the pixel at the position that clamping,
    reflecting or wrapping gives.
    """

    period: int
    shift: int
    taps: tuple[Taps | None, ...]
    border: str = ZERO

    @property
    def is_identity(self) -> bool:
        """Whether each output reads the input position of its own number."""
        return self.shift == 1 and self.taps == ((0, 0, 1),)

    @property
    def longest(self) -> int:
        """The most taps that one output reads."""
        return max((1 + (taps[1] - taps[0]) // taps[2] for taps in self.taps if taps), default=1)

    def at(self, unit: int) -> Taps | None:
        """The taps of output `unit`; some may be outside the input."""
        cycle, residue = divmod(unit, self.period)
        taps = self.taps[residue]
        if taps is None:
            return None
        move = cycle * self.shift
        return taps[0] + move, taps[1] + move, taps[2]

    def inside(self, unit: int, size: int) -> Taps | None:
        """The taps of output `unit` that are on the `size` real positions of the input."""
        taps = self.at(unit)
        if taps is None:
            return None
        first, last, step = taps
        if self.border == ZERO:
            if first < 0:
                first += -(first // step) * step
            if last >= size:
                last -= ((last - size) // step + 1) * step
            return (first, last, step) if first <= last else None
        if first >= 0 and last < size:
            return taps
        positions = [_onto(position, size, self.border) for position in range(first, last + 1, step)]
        return min(positions), max(positions), 1

    def copies(self, unit: int, size: int) -> list[int] | None:
        """The real positions that output `unit` reads where a pixel stands in for a tap outside; None elsewhere."""
        taps = self.at(unit)
        if self.border == ZERO or taps is None or (taps[0] >= 0 and taps[1] < size):
            return None
        return [_onto(position, size, self.border) for position in range(taps[0], taps[1] + 1, taps[2])]

    def reads_all(self, units: int, size: int) -> bool:
        """Whether each of `units` outputs reads all positions of an input of `size`."""
        return (self.shift == 0 or units == 1) and self.taps == ((0, size - 1, 1),)

    def outer_units(self, units: int, size: int) -> tuple[range, range] | None:
        """The first and the last outputs, between which none has a tap outside an input of `size`.

        None where some outputs have no tap at all, or the window does not move along.
        """
        taps = [each for each in self.taps if each]
        if self.shift <= 0 or len(taps) < self.period:
            return None
        first_inside = ceil_div(-min(first for first, _, _ in taps), self.shift) * self.period
        first_over = ceil_div(size - max(last for _, last, _ in taps), self.shift) * self.period
        # An output that hangs over on both sides, as where the input is smaller than the window, comes once.
        start = min(max(first_inside, 0), units)
        return range(start), range(max(min(first_over, units), start), units)

    def each_unit_reads(self, units: int, size: int) -> bool:
        """Whether each of `units` outputs reads some real position of an input of `size`."""
        if self.period == 1 and self.shift > 0 and self.taps[0] is not None and self.taps[0][2] == 1:
            # Neighbouring cells that move on: if the outermost outputs read some, all outputs do.
            return None not in (self.inside(0, size), self.inside(units - 1, size))
        if self.border != ZERO:
            return None not in self.taps  # a pixel is read in place of every tap outside
        if self.shift == 0:
            units = min(units, self.period)  # the others read the same
        outer = self.outer_units(units, size)
        looked_at = chain(range(units)) if outer is None else chain(*outer)
        return units <= MAX_UNITS and all(self.inside(unit, size) for unit in looked_at)

    def taps_inside(self, units: int, size: int) -> int:
        """How many taps of `units` outputs read one of the `size` real positions, or a copy of one, and not a zero.

        >>> sliding(3, 1, 1, 1).taps_inside(8, 8)
        22
        """
        inside = (self.inside(unit, size) if self.border == ZERO else self.at(unit) for unit in range(units))
        return sum((taps[1] - taps[0]) // taps[2] + 1 for taps in inside if taps)


def _onto(position: int, size: int, border: str) -> int:
    if border == CLAMP:
        return min(max(position, 0), size - 1)
    if border == CIRCULAR:
        return position % size
    while not 0 <= position < size:
        position = -position if position < 0 else 2 * (size - 1) - position
    return position


# Every output position reads unit 0: an operand of size 1 that is broadcast along the axis.
BROADCAST = Window(1, 0, ((0, 0, 1),))
# A window whose period is too long to be written down: its taps are not known.
IRREGULAR = Window(0, 0, ())


def periodic(period: int, shift: int, taps_of: Callable[[int], Taps | None], border: str = ZERO) -> Window:
    """The window whose output r, below `period`, reads taps_of(r); IRREGULAR where that is too long a list."""
    return Window(period, shift, tuple(map(taps_of, range(period))), border) if period <= MAX_PERIOD else IRREGULAR


@lru_cache(maxsize=4096)
def sliding(kernel: int, stride: int, dilation: int, before: int, border: str = ZERO) -> Window:
    """Convolution and pooling."""
    return Window(1, stride, ((-before, dilation * (kernel - 1) - before, dilation),), border)


@lru_cache(maxsize=4096)
def transposed(kernel: int, stride: int, dilation: int, before: int) -> Window:
    """Transposed convolution: output u reads v wherever v * stride - before + dilation * t = u for a tap t < kernel.

    With g = gcd(dilation, stride) the taps that reach a residue are one class modulo stride / g, or none.
    """
    common = gcd(dilation, stride)
    cycle = stride // common  # taps this far apart reach the same outputs
    inverse = pow(dilation // common, -1, cycle)

    def taps_of(residue: int) -> Taps | None:
        offset, rest = divmod(residue + before, common)
        tap = offset * inverse % cycle
        if rest or tap >= kernel:
            return None
        last_tap = tap + (kernel - 1 - tap) // cycle * cycle
        first = (residue + before - dilation * last_tap) // stride
        return first, (residue + before - dilation * tap) // stride, dilation // common

    return periodic(stride, 1, taps_of)


@lru_cache(maxsize=4096)
def adaptive(size: int, output_size: int) -> Window:
    """Adaptive pooling: output i reads floor(i n / m) up to ceil((i + 1) n / m), as PyTorch cuts it."""
    common = gcd(size, output_size)
    period, shift = output_size // common, size // common
    return periodic(period, shift, lambda i: (i * shift // period, -(-(i + 1) * shift // period) - 1, 1))


def whole(size: int) -> Window:
    """Every output position reads the whole axis."""
    return Window(1, 0, ((0, size - 1, 1),))


def offset(start: int, step: int = 1, border: str = ZERO) -> Window:
    """Cropping, slicing and (with a negative start) padding: output u reads start + u * step."""
    return Window(1, step, ((start, start, 1),), border)


def chosen(places: Sequence[int | None]) -> Window:
    """Output u reads the input position places[u], or nothing."""

    return placed(len(places), places.__getitem__)


def placed(units: int, place_of: Callable[[int], int | None]) -> Window:
    """Output u of so many reads the input position place_of(u), or nothing."""

    def taps_of(unit: int) -> Taps | None:
        place = place_of(unit)
        return None if place is None else (place, place, 1)

    return periodic(units, 0, taps_of)


def repeated(factor: int) -> Window:
    """Each input position comes `factor` times in a row (pixel shuffle)."""
    return periodic(factor, 1, lambda _: (0, 0, 1))


def interpolation(scale: "Fraction", origin: "Fraction", taps_before: int, taps_after: int) -> Window:
    """Interpolation: output u is at `origin + u * scale` in the input, and reads the floor of it and its neighbours.

    `taps_before` and `taps_after` count the neighbours beside floor(position); where the position is whole the kernels
    of linear and cubic interpolation vanish on all of them. Positions outside are clamped to the border.
    """

    def taps_of(residue: int) -> Taps:
        position = origin + residue * scale
        below = position.numerator // position.denominator
        if position == below:
            return below, below, 1
        return below - taps_before, below + taps_after, 1

    return periodic(scale.denominator, scale.numerator, taps_of, CLAMP)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding before and after that makes the output ceil(size / stride); the odd cell goes after, as in Keras.

    >>> same_padding(8, 3, 2, 1)
    (0, 1)
    """
    wanted = -(-size // stride)
    total = max((wanted - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2
