"""Gives each member of a layered graph its place from left to right, so that long edges are straight.

The method of Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (Graph Drawing 2001): members are
aligned with their middle neighbours in four ways, from above or below and from the left or the right; the place is the
mean of the two middle ones of the four.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from convcalc.drawing.graph.layers import Layered

Conflicts = set[tuple[int, int]]


def places(graph: Layered, widths: Sequence[float], gap: float) -> list[float]:
    """The centre of each member; neighbours in a layer are at least `gap` apart."""
    conflicts = _conflicts(graph, len(widths))
    found: list[list[float]] = []
    for from_above in (True, False):
        for from_left in (True, False):
            layers = graph.layers if from_above else graph.layers[::-1]
            layers = layers if from_left else [layer[::-1] for layer in layers]
            root = _aligned(layers, graph.above if from_above else graph.below, conflicts)
            xs = _compact(layers, root, widths, gap)
            found.append(xs if from_left else [-x for x in xs])
    narrowest = min(found, key=lambda xs: _right(xs, widths) - _left(xs, widths))
    for number, xs in enumerate(found):
        side = _left if number % 2 == 0 else _right
        shift = side(narrowest, widths) - side(xs, widths)
        found[number] = [x + shift for x in xs]
    middle = [sorted(four)[1:3] for four in zip(*found)]
    centred = [(low + high) / 2 for low, high in middle]
    left = _left(centred, widths)
    return [x - left for x in centred]


def _left(xs: Sequence[float], widths: Sequence[float]) -> float:
    return min((x - width / 2 for x, width in zip(xs, widths)), default=0.0)


def _right(xs: Sequence[float], widths: Sequence[float]) -> float:
    return max((x + width / 2 for x, width in zip(xs, widths)), default=0.0)


def _conflicts(graph: Layered, members: int) -> Conflicts:
    """The pieces of edges that cross a piece between two points: the latter stays straight."""
    boxes = _boxes(graph)
    place = {member: index for layer in graph.layers for index, member in enumerate(layer)}
    conflicts: Conflicts = set()
    for layer in graph.layers[1:]:
        low, start = 0, 0
        for index, member in enumerate(layer):
            inner = next((up for up in graph.above[member] if up >= boxes and member >= boxes), None)
            if inner is None and index < len(layer) - 1:
                continue
            high = place[inner] if inner is not None else members
            for other in layer[start : index + 1]:
                for up in graph.above[other]:
                    if not low <= place[up] <= high and not (up >= boxes and other >= boxes):
                        conflicts.add((up, other))
            low, start = high, index + 1
    return conflicts


def _boxes(graph: Layered) -> int:
    """How many members are boxes: the others are points, one edge above and one below."""
    points = sum(len(chain) - 2 for chain in graph.chains if chain)
    return len(graph.layer_of) - points


def _aligned(layers: Sequence[Sequence[int]], near: Sequence[Sequence[int]], conflicts: Conflicts) -> list[int]:
    """For each member the first of those that it is aligned with, one in each layer."""
    place = {member: index for layer in layers for index, member in enumerate(layer)}
    root = list(range(len(near)))
    taken = [False] * len(near)  # whether a later member is aligned with it
    for layer in layers:
        last = -1
        for member in layer:
            neighbours = sorted(near[member], key=place.__getitem__)
            count = len(neighbours)
            for each in neighbours[(count - 1) // 2 : count // 2 + 1]:
                is_free = root[member] == member and not taken[each]
                if is_free and place[each] > last and not {(each, member), (member, each)} & conflicts:
                    root[member] = root[each]
                    taken[each] = True
                    last = place[each]
    return root


def _compact(layers: Sequence[Sequence[int]], root: Sequence[int], widths: Sequence[float], gap: float) -> list[float]:
    """Aligned members as far to the left as the widths allow, then each as near to its right as it can be."""
    distances: dict[int, dict[int, float]] = {}  # from a root to those on its right
    incoming: dict[int, list[tuple[int, float]]] = {}
    for layer in layers:
        for left, right in pairwise(layer):
            distance = (widths[left] + widths[right]) / 2 + gap
            known = distances.setdefault(root[left], {})
            known[root[right]] = max(known.get(root[right], 0.0), distance)
    for left, rights in distances.items():
        for right, distance in rights.items():
            incoming.setdefault(right, []).append((left, distance))
    order = _order(sorted(set(root)), distances, incoming)
    xs = [0.0] * len(root)
    for each in order:
        xs[each] = max((xs[left] + distance for left, distance in incoming.get(each, ())), default=0.0)
    for each in reversed(order):
        if each in distances:
            xs[each] = max(xs[each], min(xs[right] - distance for right, distance in distances[each].items()))
    return [xs[each] for each in root]


def _order(
    roots: Sequence[int], distances: dict[int, dict[int, float]], incoming: dict[int, list[tuple[int, float]]]
) -> list[int]:
    """The roots, each after all that are on its left."""
    waiting = {each: len(incoming.get(each, ())) for each in roots}
    ready = [each for each in roots if not waiting[each]]
    order: list[int] = []
    while ready:
        each = ready.pop()
        order.append(each)
        for right in distances.get(each, ()):
            waiting[right] -= 1
            if not waiting[right]:
                ready.append(right)
    return order
