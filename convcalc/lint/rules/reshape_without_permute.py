"""A reshape that gives features and positions each other's places without moving an element.

A reshape keeps the order of the elements. From tokens [positions, features] to a map [features, height, width], or from
a map to tokens, the axes must be exchanged as well. Without a permutation the shapes fit, but each channel of the map
gets parts of the features of some tokens: neither features nor positions keep their meaning.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 48, kernel_size: 4, stride: 4}
      - reshape: {shape: [64, 48]}
      - multihead_attention: {num_heads: 4}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 48, kernel_size: 4, stride: 4}
      - reshape: {shape: [48, 64]}
      - permute: {axes: [1, 0]}
      - multihead_attention: {num_heads: 4}

Source:
    autonomousvision/transfuser issue 140, where features were reshaped to a map without the permutation.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.base import Unordered
from convcalc.layers.reshaping import Regrouping, regroup
from convcalc.lint.axis_roles import FEATURES, POSITIONS, Roles, roles_read
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

# So many neighbouring tokens are commonly joined into one, as in pyramidal encoders of speech.
JOINED = (2, 3, 4)
MAX_AXES = 5  # whose orders are tried

Axes = tuple[int, ...]


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Regrouping):
        for olds, news in _mixed(row):
            roles = roles_read(network, row)
            if {roles[axis] for axis in olds} == {FEATURES, POSITIONS}:
                help = _remedy(row, roles, olds, news)
                if help:
                    yield Finding(
                        row,
                        f"makes {_sizes(row.output_shape, news)} of {_sizes(row.input_shapes[0], olds)}"
                        f" ({', '.join(str(roles[axis]) for axis in olds)}) in the order of the elements: features and"
                        " positions are mixed",
                        at="shape" if network.entry(row).has("shape") else "",
                        help=help,
                    )


def _sizes(shape: Shape, axes: Axes) -> str:
    return format_shape(shape[axis] for axis in axes)


def _mixed(row: Row) -> Iterator[tuple[Axes, Axes]]:
    """The runs of several axes that become several axes, cut elsewhere: those of the input, and those of the output."""
    shape, output = row.input_shapes[0], row.output_shape
    runs: dict[Axes, list[int]] = {}
    for axis, part in enumerate(row.facts.flow[0] or ()):
        if isinstance(part, Unordered) and output[axis] > 1:
            runs.setdefault(tuple([each for each in part.axes if shape[each] > 1]), []).append(axis)
    yield from ((olds, tuple(news)) for olds, news in runs.items() if len(olds) > 1 and len(news) > 1)


def _remedy(row: Row, roles: Roles, olds: Axes, news: Axes) -> str:
    """How a permutation gives the same shape and mixes nothing; empty where none does: then it was not forgotten."""
    shape, output = row.input_shapes[0], row.output_shape
    if len(olds) > MAX_AXES or len(news) > MAX_AXES or _joins_neighbours(shape, output, roles, olds, news):
        return ""
    for order in _orders(len(shape), olds):
        if _keeps_apart(tuple([shape[axis] for axis in order]), output):
            return f"put `permute: {{axes: {order}}}` before it"
    for order in _orders(len(output), news):
        first = tuple([output[axis] for axis in order])
        if _keeps_apart(shape, first) and _is_pure(shape, first, roles):
            back = [order.index(axis) for axis in range(len(order))]
            return f"reshape to {list(first)}, and put `permute: {{axes: {back}}}` behind it"
    return ""


def _joins_neighbours(shape: Shape, output: Shape, roles: Roles, olds: Axes, news: Axes) -> bool:
    """Whether the reshape may join the features of a few neighbouring tokens on purpose."""
    if len(olds) != 2 or len(news) != 2 or roles[olds[-1]] != FEATURES:
        return False
    return output[news[1]] in {shape[olds[1]] * each for each in JOINED}


def _orders(rank: int, axes: Axes) -> Iterator[list[int]]:
    """The other orders of some of the axes."""
    for moved in permutations(axes):
        if moved != axes:
            places = dict(zip(axes, moved))
            yield [places.get(axis, axis) for axis in range(rank)]


def _keeps_apart(old: Shape, new: Shape) -> bool:
    """Whether a reshape only splits axes and joins neighbouring ones."""
    parts = [part.axes for part in regroup(old, new) or () if isinstance(part, Unordered)]
    return all(len(axes) == 1 or parts.count(axes) == 1 for axes in parts)


def _is_pure(old: Shape, new: Shape, roles: Roles) -> bool:
    """Whether no new axis holds both features and positions."""
    parts = [part for part in regroup(old, new) or () if isinstance(part, Unordered)]
    return all(len({roles[axis] for axis in part.axes}) == 1 for part in parts)
