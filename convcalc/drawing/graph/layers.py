"""Puts boxes into layers from top to bottom and orders each layer so that few edges cross.

The method of Sugiyama, Tagawa and Toda (1981): each box is one layer below the lowest box that it reads; an edge that
passes layers gets a point in each of them; sweeps down and up move every member to the mean place of its neighbours.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 12
# Beyond so many points the edges that pass most layers get none: they are drawn as references.
MOST_POINTS = 12_000


class Layered(NamedTuple):
    """Members in layers, from left to right: the boxes first, by their numbers, then the points of long edges.

    `above` and `below` are the members that each one is joined with. `chains` has for each edge its members from the
    source to the target; None for an edge that is drawn as a reference.
    """

    layers: list[list[int]]
    layer_of: list[int]
    above: list[list[int]]
    below: list[list[int]]
    chains: list[list[int] | None]


def layered(boxes: int, edges: Sequence[tuple[int, int]]) -> Layered:
    """The layers of so many boxes; each edge leads from a box to one with a higher number."""
    layer_of = _heights(boxes, edges)
    chains = _chains(edges, layer_of)
    above: list[list[int]] = [[] for _ in layer_of]
    below: list[list[int]] = [[] for _ in layer_of]
    for chain in chains:
        for upper, lower in pairwise(chain or ()):
            below[upper].append(lower)
            above[lower].append(upper)
    layers = _first_order(layer_of)
    return Layered(_with_few_crossings(layers, above, below), layer_of, above, below, chains)


def _heights(boxes: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each box: below all that it reads. A box that reads nothing is right above its first reader."""
    layer_of, reads = [0] * boxes, [False] * boxes
    readers: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        readers[source].append(target)
        reads[target] = True
        layer_of[target] = max(layer_of[target], layer_of[source] + 1)
    for box in reversed(range(boxes)):
        if not reads[box] and readers[box] and box:
            layer_of[box] = min(layer_of[reader] for reader in readers[box]) - 1
    return layer_of


def _chains(edges: Sequence[tuple[int, int]], layer_of: list[int]) -> list[list[int] | None]:
    """The members of each edge; its points are added to `layer_of`."""
    points = MOST_POINTS
    left_out: set[int] = set()
    lengths = [layer_of[target] - layer_of[source] - 1 for source, target in edges]
    for number in sorted(range(len(edges)), key=lengths.__getitem__):
        points -= lengths[number]
        if points < 0:
            left_out.add(number)
    chains: list[list[int] | None] = []
    for number, (source, target) in enumerate(edges):
        if number in left_out:
            chains.append(None)
            continue
        between = range(layer_of[source] + 1, layer_of[target])
        first = len(layer_of)
        layer_of.extend(between)
        chains.append([source, *range(first, first + len(between)), target])
    return chains


def _first_order(layer_of: Sequence[int]) -> list[list[int]]:
    """The members of each layer: boxes before points, so that long edges start outside of what they pass."""
    layers: list[list[int]] = [[] for _ in range(max(layer_of, default=-1) + 1)]
    for member, layer in enumerate(layer_of):
        layers[layer].append(member)
    return layers


def _with_few_crossings(
    layers: list[list[int]], above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]
) -> list[list[int]]:
    """The best order that the sweeps find."""
    best, fewest = layers, _crossings(layers, below)
    current = [list(layer) for layer in layers]
    place = [0] * len(above)
    for layer in current:
        _number(layer, place)
    for sweep in range(SWEEPS if any(len(layer) > 1 for layer in layers) else 0):
        downwards = sweep % 2 == 0
        for layer in current if downwards else reversed(current):
            _sort(layer, above if downwards else below, place, to_right=sweep % 4 < 2)
        crossings = _crossings(current, below)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in current], crossings
    return _with_exchanges(best, above, below)


def _number(layer: Sequence[int], place: list[int]) -> None:
    for index, member in enumerate(layer):
        place[member] = index


def _sort(layer: list[int], neighbours: Sequence[Sequence[int]], place: list[int], *, to_right: bool) -> None:
    """Sort a layer by the mean place of the neighbours; a member without any keeps its place."""

    def mean(member: int) -> float:
        near = neighbours[member]
        return sum(place[each] for each in near) / len(near) if near else place[member]

    sign = 1 if to_right else -1  # equal members are turned round, which leads out of a poor order
    layer.sort(key=lambda member: (mean(member), sign * place[member]))
    _number(layer, place)


def _with_exchanges(
    layers: list[list[int]], above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]
) -> list[list[int]]:
    """The same with neighbours exchanged wherever that takes away a crossing."""
    place = [0] * len(above)
    for layer in layers:
        _number(layer, place)
    better = True
    rounds = 0
    while better and rounds < SWEEPS:
        better, rounds = False, rounds + 1
        for layer in layers:
            for index in range(len(layer) - 1):
                left, right = layer[index], layer[index + 1]
                now = then = 0
                for near in (above, below):
                    ours, theirs = [place[each] for each in near[left]], [place[each] for each in near[right]]
                    now += sum(one > other for one in ours for other in theirs)
                    then += sum(other > one for one in ours for other in theirs)
                if then < now:
                    layer[index], layer[index + 1] = right, left
                    place[left], place[right] = index + 1, index
                    better = True
    return layers


def _crossings(layers: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    count = 0
    for layer, lower in pairwise(layers):
        place = {member: index for index, member in enumerate(lower)}
        seen: list[int] = []
        for member in layer:
            ends = sorted(place[each] for each in below[member])
            count += sum(len(seen) - bisect(seen, end) for end in ends)
            seen = sorted(seen + ends)
    return count
