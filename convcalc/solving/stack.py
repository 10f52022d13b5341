"""The cheapest stack of 3x3 convolutions and poolings whose units see a field of some size.

A stack is built from its input on. What comes later depends only on the field, the stride, the channels and the size of
the map so far, so that of all stacks with the same four only the cheapest is continued, the cheapest stack first
(Dijkstra's algorithm).
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import UsageError

KERNEL = 3
MAX_FIELD = 10_000
CHANNELS = (64, 128, 256, 512)
LAYERS, MACS, PARAMS = "layers", "macs", "params"
COSTS = {LAYERS: (LAYERS, MACS, PARAMS), MACS: (MACS, LAYERS, PARAMS), PARAMS: (PARAMS, LAYERS, MACS)}
FIELD, STRIDE = "field", "stride"
_WORDS = {"receptive_field": FIELD, "field": FIELD, "stride": STRIDE}
_PART = re.compile(r"(\w+)\s*(>=|<=|==|=|>|<|)\s*(\d{1,9})")


class Piece(NamedTuple):
    """A layer of a stack. A convolution has padding 1, and so keeps the size of the map at stride 1."""

    name: str
    kernel: int
    stride: int
    is_convolution: bool

    def size(self, size: int) -> int | None:
        """The size of its output along an axis; None where it does not fit, or would leave out a row."""
        if self.is_convolution:
            return None if size < self.stride else (size - 1) // self.stride + 1
        return None if size % self.stride else size // self.stride


CONV = Piece("conv", KERNEL, 1, True)
STRIDED = Piece("conv of stride 2", KERNEL, 2, True)
POOL = Piece("pool", 2, 2, False)
# How the map becomes smaller -> the layers of a stack.
DOWNSAMPLING = {"any": (CONV, STRIDED, POOL), "pool": (CONV, POOL), "conv": (CONV, STRIDED)}


class Bounds(NamedTuple):
    """The smallest and the largest number that is wanted; None where there is no largest."""

    least: int = 1
    most: int | None = None

    def allows(self, number: int) -> bool:
        return number >= self.least and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True)
class StackQuestion:
    """What is wanted of a stack. `channels` are those of convolutions whose output has the stride 1, 2, 4, …."""

    input: Shape
    field: Bounds
    stride: Bounds
    channels: tuple[int, ...] = CHANNELS
    by: str = LAYERS
    pieces: tuple[Piece, ...] = DOWNSAMPLING["any"]

    def channels_at(self, stride: int) -> int:
        """The channels of a convolution whose output has this stride; the last number is that of larger strides."""
        return self.channels[min(stride.bit_length(), len(self.channels)) - 1]


class Cost(NamedTuple):
    """The figures of a stack that decide which is the cheapest."""

    layers: int = 0
    macs: int = 0
    params: int = 0


class State(NamedTuple):
    """A stack as far as its continuation depends on it. `field` is not counted above what is wanted."""

    field: int
    stride: int
    channels: int
    sizes: Shape


class Stack(NamedTuple):
    """The layers of a stack with the channels of their outputs, and its figures."""

    question: StackQuestion
    pieces: tuple[tuple[Piece, int], ...]
    cost: Cost
    field: int
    stride: int
    output: Shape


def parse_wish(text: str) -> tuple[Bounds, Bounds]:
    """The field and the stride of a text such as `field >= 101, stride 16`. Raises UsageError.

    >>> parse_wish("field >= 101, stride 16")
    (Bounds(least=101, most=None), Bounds(least=16, most=16))
    """
    found = {FIELD: Bounds(), STRIDE: Bounds()}
    for part in re.split(r",|\band\b", text):
        match = _PART.fullmatch(part.strip())
        if match is None or match[1] not in _WORDS:
            raise UsageError(f"`{part.strip()}` is no wish for a stack", "write 'field >= 101, stride 16'")
        name, number = _WORDS[match[1]], int(match[3])
        bounds = found[name]
        least = {">": number + 1, ">=": number, "<": 1, "<=": 1}.get(match[2], number)
        most = {">": None, ">=": None, "<": number - 1}.get(match[2], number)
        both = [each for each in (bounds.most, most) if each is not None]
        found[name] = Bounds(max(bounds.least, least), min(both, default=None))
    for name, bounds in found.items():
        if bounds.most is not None and bounds.most < bounds.least:
            raise UsageError(f"no {name} is at least {bounds.least} and at most {bounds.most}", "change one of them")
    if found[FIELD].least > MAX_FIELD:
        raise UsageError(f"a field of {found[FIELD].least:,} is too large", f"at most {MAX_FIELD:,} is searched")
    return found[FIELD], found[STRIDE]


def cheapest_stack(question: StackQuestion) -> Stack | None:
    """The cheapest stack with the field and the stride that are wanted; None where there is none."""
    if len(question.input) != 3:
        raise UsageError(f"{format_shape(question.input)} is no map", "give channels, height and width: 3x224x224")
    channels, *sizes = question.input
    start = State(1, 1, channels, tuple(sizes))
    open_: list[tuple[tuple[int, ...], int, State, Cost, Any]] = [((0, 0, 0), 0, start, Cost(), None)]
    done: set[State] = set()
    number = 0
    while open_:
        _, _, state, cost, way = heapq.heappop(open_)
        if question.field.allows(state.field) and question.stride.allows(state.stride):
            return _stack(question, cost, way)
        if state in done:
            continue
        done.add(state)
        for piece, after, more in _continued(question, state, cost):
            if after not in done:
                number += 1
                order = tuple(getattr(more, name) for name in COSTS[question.by])
                heapq.heappush(open_, (order, number, after, more, (way, piece, after.channels)))
    return None


def _continued(question: StackQuestion, state: State, cost: Cost) -> Iterator[tuple[Piece, State, Cost]]:
    """The stack with one more layer."""
    for piece in question.pieces:
        sizes = [piece.size(size) for size in state.sizes]
        stride = state.stride * piece.stride
        field = state.field + (piece.kernel - 1) * state.stride
        if None in sizes or not _may_become(question.stride, stride) or not _may_become(question.field, field):
            continue
        units = tuple(size for size in sizes if size is not None)
        if question.field.most is None:
            field = min(field, question.field.least)
        channels, macs, params = state.channels, 0, 0
        if piece.is_convolution:
            channels = question.channels_at(stride)
            weights = KERNEL * KERNEL * state.channels * channels
            macs, params = weights * units[0] * units[1], weights + channels
        yield (
            piece,
            State(field, stride, channels, units),
            Cost(cost.layers + 1, cost.macs + macs, cost.params + params),
        )


def _may_become(bounds: Bounds, number: int) -> bool:
    """Whether a number that can only grow may still be within the bounds."""
    return bounds.most is None or number <= bounds.most


def _stack(question: StackQuestion, cost: Cost, way: Any) -> Stack:
    """The stack of a way, with its own field."""
    pieces: list[tuple[Piece, int]] = []
    while way is not None:
        way, piece, channels = way
        pieces.append((piece, channels))
    pieces.reverse()
    field, stride, sizes = 1, 1, list(question.input[1:])
    for piece, _ in pieces:
        field += (piece.kernel - 1) * stride
        stride *= piece.stride
        sizes = [piece.size(size) or 0 for size in sizes]
    return Stack(question, tuple(pieces), cost, field, stride, (pieces[-1][1] if pieces else question.input[0], *sizes))


def in_words(question: StackQuestion) -> str:
    """What is wanted: `field >= 101, stride 16`."""
    words: list[str] = []
    for name, (least, most) in ((FIELD, question.field), (STRIDE, question.stride)):
        if least == most:
            words.append(f"{name} {least}")
            continue
        words += [f"{name} >= {least}"] if least > 1 else []
        words += [f"{name} <= {most}"] if most is not None else []
    return ", ".join(words)


def cheapness(by: str) -> str:
    """What cheapest means: `fewest layers, then fewest macs, then fewest params`."""
    return ", then ".join(f"fewest {name}" for name in COSTS[by])


def pieces_in_words(pieces: Sequence[Piece]) -> str:
    """The layers that a stack may have."""
    strides = [str(piece.stride) for piece in pieces if piece.is_convolution]
    words = [f"3x3 convolutions of stride {' or '.join(strides)}"]
    return " and ".join([*words, *(["2x2 poolings of stride 2"] if POOL in pieces else [])])
