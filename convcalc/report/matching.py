"""The matching of the layers of two networks: by name, then by the place among layers of the same type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from convcalc.arith.subsequence import common_subsequence, longest_rise
from convcalc.network.graph import Graph, Node

Pairs = list[tuple[int, int]]
Signature = tuple[str, str, str]
_NUMBER = re.compile(r"_\d+(?=\.|$)")
_ADAPTIVE = re.compile(r"adaptive_((?:avg|max)_pool)[123]d")


class Matching:
    """The pairs of layers of two networks by their indices, in the order of the old one; `moved` are out of order.

    Layers of equal name and type are a pair, unless the name only numbers unnamed entries. The layers between are
    matched in three rounds, each by a longest common subsequence: first of equal type and parameters in blocks of
    equal name, then of equal type and parameters, then of equal type. Layers of different types are never a pair, but
    an adaptive pooling to one position is a global one.
    n and m layers without names take n · m / 64 steps, named ones n + m.
    """

    __slots__ = ("moved", "pairs")

    def __init__(self, old: Graph, new: Graph) -> None:
        first, second = _signatures(old), _signatures(new)
        # There may be several best matchings. A fixed order makes old against new pair the layers as new against old.
        if _order(new, second) < _order(old, first):
            found, moved = _match(new, old, second, first)
            found, moved = [(b, a) for a, b in found], [(b, a) for a, b in moved]
        else:
            found, moved = _match(old, new, first, second)
        self.pairs = sorted([*found, *moved])
        self.moved = frozenset(moved)


def is_numbered(node: Node) -> bool:
    """Whether the name of a node has a number only because its entry is unnamed, as in relu_2.

    It becomes relu_3 when a relu is added before it.
    """
    scope = node.name.rstrip(".0123456789").rpartition(".")[0]  # without copy numbers and its own name
    return _NUMBER.search(scope if node.entry.has("name") else node.name) is not None


def kind_of(node: Node) -> tuple[str, str]:
    """The type and the parameters of a layer; those of a global pooling for an adaptive one to one position."""
    name, config = node.layer.type.name, node.layer.config()
    adaptive = _ADAPTIVE.fullmatch(name)
    if adaptive is not None and list(config) == ["output_size"] and set(config["output_size"]) == {1}:
        return f"global_{adaptive[1]}", "{}"
    return name, repr(config)


def _signatures(graph: Graph) -> list[Signature]:
    """The type, the parameters and the block of each layer; the name of an unnamed block has no number here."""
    kinds: dict[int, tuple[str, str]] = {}  # by the id of the layer: equal layers are mostly one object
    found = []
    for node in graph.nodes:
        if id(node.layer) not in kinds:
            kinds[id(node.layer)] = kind_of(node)
        scope = _NUMBER.sub("_", node.name.rpartition(".")[0])
        found.append((*kinds[id(node.layer)], scope))
    return found


def _order(graph: Graph, signatures: Sequence[Signature]) -> list[tuple[str, Signature]]:
    return [(node.name, signature) for node, signature in zip(graph.nodes, signatures)]


def _match(old: Graph, new: Graph, first: Sequence[Signature], second: Sequence[Signature]) -> tuple[Pairs, Pairs]:
    """The pairs that are in order, and those that moved."""
    named = _by_name(old, new, first, second)
    pairs = [named[place] for place in longest_rise([b for _, b in named])]
    moved = sorted(set(named).difference(pairs))
    moved_olds, moved_news = {a for a, _ in moved}, {b for _, b in moved}
    for size in (3, 2, 1):  # how many parts of the signatures must be equal
        found = list(pairs)
        for olds, news in _gaps(pairs, len(first), len(second)):
            rows = [index for index in olds if index not in moved_olds]
            columns = [index for index in news if index not in moved_news]
            common = common_subsequence([first[a][:size] for a in rows], [second[b][:size] for b in columns])
            found += [(rows[a], columns[b]) for a, b in common]
        pairs = sorted(found)
    return pairs, moved


def _by_name(old: Graph, new: Graph, first: Sequence[Signature], second: Sequence[Signature]) -> Pairs:
    """The layers of equal name and type, in the order of the old network."""
    places = {node.name: index for index, node in enumerate(new.nodes) if not is_numbered(node)}
    found = []
    for index, node in enumerate(old.nodes):
        other = places.get(node.name)
        if other is not None and not is_numbered(node) and first[index][0] == second[other][0]:
            found.append((index, other))
    return found


def _gaps(pairs: Pairs, old: int, new: int) -> Iterator[tuple[range, range]]:
    """The unmatched layers between neighbouring pairs, where both networks have some."""
    for (a, b), (next_a, next_b) in pairwise([(-1, -1), *pairs, (old, new)]):
        if next_a - a > 1 and next_b - b > 1:
            yield range(a + 1, next_a), range(b + 1, next_b)
