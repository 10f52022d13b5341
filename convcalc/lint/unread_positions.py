"""The positions along each axis of a tensor that none of its readers reads: rows and columns without any use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from convcalc.arith.shape import Shape
from convcalc.arith.window import ZERO, Taps, Window
from convcalc.layers.base import Dropped, Flow, Layer, LayerError, Link, Unordered
from convcalc.layers.convolution import Convolution
from convcalc.layers.custom import CustomLayer
from convcalc.layers.pooling import AveragePooling, MaxPooling
from convcalc.layers.subsampling import Subsampling
from convcalc.layers.windows import WindowLayer
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

# With more positions or more taps along an axis, positions are not examined one by one.
MAX_SIZE = 1 << 20
BITS = 8  # for each position in a mask
# The layers whose windows slide over the whole map; others, such as slices and crops, skip positions on purpose.
SLIDING: tuple[type[Layer], ...] = (Convolution, MaxPooling, AveragePooling, Subsampling, CustomLayer)


@dataclass(frozen=True, slots=True)
class Gap:
    """The number of positions that no layer reads, along one axis of a layer's input.

    With `is_at_end` the windows leave out only the end, where one more window does not fit; otherwise they skip
    positions.
    """

    axis: int
    count: int
    is_at_end: bool


@lru_cache(maxsize=1)
def gaps(network: Network) -> list[tuple[Row, Shape, list[Gap]]]:
    """The layers whose windows leave out positions that no other layer reads, with the shape of the input."""
    result = []
    unread = Unread(network)
    own: dict[int, list[tuple[int, int, bool]]] = {}  # by facts, which equal layers share
    for row in network.of(*SLIDING):
        facts = row.facts
        if id(facts) not in own:
            own[id(facts)] = list(_left_out(facts.layer, facts.flow, facts.input_shapes, facts.output_shape))
        by_input: dict[int, list[Gap]] = {}
        for place, axis, is_at_end in own[id(facts)]:
            count = unread.count(row, place, axis)
            if count:
                by_input.setdefault(place, []).append(Gap(axis, count, is_at_end))
        result += [(row, facts.input_shapes[place], found) for place, found in by_input.items()]
    return result


def reads_all(layer: Layer, shape: Shape) -> bool:
    """Whether a layer of one input can read a map of this shape, and reads all of it."""
    try:
        output = layer.output_shape((shape,))
    except LayerError:
        return False
    return not any(_left_out(layer, layer.flow((shape,), output), (shape,), output))


def _left_out(
    layer: Layer, flows: Sequence[Flow], shapes: Sequence[Shape], output: Shape
) -> Iterator[tuple[int, int, bool]]:
    """The inputs and axes where a layer leaves out positions, and whether these are only at the end."""
    if isinstance(layer, WindowLayer) and max(layer.stride) == 1 and max(layer.dilation) == 1:
        return
    for place, (flow, shape) in enumerate(zip(flows, shapes)):
        for axis in range(len(shape)):
            seen = _read(flow, axis, shape[axis], output)
            if seen is not None:
                is_dense = seen.bit_count() == -(-seen.bit_length() // BITS)
                yield place, axis, is_dense and not _steps_over(flow, axis)


def _steps_over(flow: Flow, axis: int) -> bool:
    """Whether the windows along an axis are further apart than they are long."""
    windows = [part.window for part in flow or () if isinstance(part, Link) and part.axis == axis]
    taps = [(window.shift, each) for window in windows if window is not None for each in window.taps if each]
    return any(shift > last - first + 1 for shift, (first, last, _) in taps)


class Unread:
    """The positions along an axis of a tensor that none of its readers reads; each axis is examined once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.known: dict[tuple[int, int], int | None] = {}

    def count(self, row: Row, place: int, axis: int) -> int:
        """Their number in the tensor that a row reads; `place` is its index among the inputs of the row."""
        seen = self._seen(row, place, axis)
        return 0 if seen is None else row.input_shapes[place][axis] - seen.bit_count()

    def places(self, row: Row, place: int, axis: int) -> list[int]:
        """These positions themselves."""
        seen = self._seen(row, place, axis)
        if seen is None:
            return []
        size = row.input_shapes[place][axis]
        return [position for position, is_read in enumerate(seen.to_bytes(size, "little")) if not is_read]

    def _seen(self, row: Row, place: int, axis: int) -> int | None:
        """The positions that are read, as a mask of BITS bits each; None where that may be all."""
        key = self.network.node(row).reads[place], axis
        if key not in self.known:
            is_output = self.network.reads(row)[place] in self.network.outputs
            self.known[key] = None if is_output else self._read_by_any(*key)
        return self.known[key]

    def _read_by_any(self, tensor: int, axis: int) -> int | None:
        size = self.network.graph.shape(tensor)[axis]
        seen = 0
        for reader in self.readers.get(tensor, ()):
            reads = self.network.node(reader).reads
            for flow in [flow for read, flow in zip(reads, reader.facts.flow) if read == tensor]:
                positions = _read(flow, axis, size, reader.output_shape)
                if positions is None:
                    return None
                seen |= positions
        return seen

    @cached_property
    def readers(self) -> dict[int, list[Row]]:
        """The readers of each tensor, also of the inputs of the network."""
        found: dict[int, list[Row]] = {}
        for row in self.network.rows:
            for tensor in dict.fromkeys(self.network.node(row).reads):
                found.setdefault(tensor, []).append(row)
        return found


def _read(flow: Flow, axis: int, size: int, output: Shape) -> int | None:
    """The positions of an axis that a layer reads, as a mask of BITS bits each; None where it may read all."""
    if flow is None:
        return None
    seen, is_linked = 0, False
    for units, part in zip(output, flow):
        if isinstance(part, Link) and part.axis == axis:
            positions = None if part.window is None else _positions(part.window, units, size)
            if positions is None:
                return None
            seen, is_linked = seen | positions, True
        elif isinstance(part, Unordered) and axis in part.axes:
            return None
    for part in flow[len(output) :]:
        if isinstance(part, Dropped) and part.axis == axis:
            seen, is_linked = seen | 1 << BITS * part.place, True
    return seen if is_linked else None  # without a link to an output axis the layer mixes the axis, and reads all of it


@lru_cache(maxsize=4096)
def _positions(window: Window, units: int, size: int) -> int | None:
    if _reads_all(window, units, size) or max(size, units * window.longest) > MAX_SIZE:
        return None
    seen = bytearray(size)
    for taps in _rows(window, units, size):
        if taps is not None:
            first, last, step = taps
            seen[first : last + 1 : step] = bytes([1]) * ((last - first) // step + 1)
    return int.from_bytes(seen, "little") if 0 in seen else None


def _rows(window: Window, units: int, size: int) -> Iterator[Taps | None]:
    """The positions that are read, in rows of equal steps.

    There is a row for each tap where the window allows it, else a row for each output.
    """
    if window.period == 1 and window.shift > 0 and window.border == ZERO and window.taps[0] is not None:
        first, last, step = window.taps[0]
        for tap in range(first, last + 1, step):
            row = (tap, tap + (units - 1) * window.shift, window.shift)
            yield Window(1, 0, (row,)).inside(0, size)
    else:
        for unit in range(units):
            yield window.inside(unit, size)


def _reads_all(window: Window, units: int, size: int) -> bool:
    """Whether a window reads all positions, by a quick test; True also where its taps are unknown."""
    if window.period != 1 or window.border != ZERO or window.taps[0] is None:
        return not window.period
    first, last, step = window.taps[0]
    is_dense = step == 1 or first == last
    has_no_gap = window.shift <= last - first + 1 if is_dense else window.shift == 1 and units >= step
    return has_no_gap and first <= 0 and last + (units - 1) * window.shift >= size - 1
