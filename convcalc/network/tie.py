"""Tied parameters: entries that use the parameters of an earlier one."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.language.spec import Entry
from convcalc.layers.base import PARAMS
from convcalc.network.construction import Construction
from convcalc.network.graph import Node
from convcalc.network.references import find
from convcalc.network.scope import Named
from convcalc.network.site import Site
from convcalc.network.values import Reported

_SAME_SHAPES = "tied entries must have the same layers, input channels and kernels"
_ONE_SHAPE = "layers of two types share what has one name and one shape in PyTorch"


class Ties:
    """Ties the nodes of an entry to those of another, one by one in order.

    `sharing`, where given, replaces the sharing of every convolution.
    """

    __slots__ = ("construction", "first_copies", "nodes", "sharing")

    def __init__(self, construction: Construction, sharing: str | None) -> None:
        self.construction = construction
        self.sharing = sharing
        self.nodes = construction.nodes
        # The first copy of each entry with `tied: true`.
        self.first_copies: dict[tuple[tuple[Entry, int], ...], Named] = {}

    def owner(self, site: Site) -> Named | bool | None:
        """The owner of the parameters: an earlier entry; True: the entry's own first copy; None: it is not tied."""
        value = site.value("tied")
        if value is None or isinstance(value, bool):
            return value or None
        try:
            named = find(self.construction, site.scope, value, site.mark("tied"))[-1]
        except Reported:
            return None  # reported; the rest of the entry is still read
        return _same_copy(named, site)

    def tie(self, site: Site, named: Named, owner: Named | bool) -> None:
        """Let the nodes made for an entry use the parameters of its owner's nodes."""
        if isinstance(owner, bool):
            owner = self.first_copies.setdefault(site.scope.path_to(site.entry), named)
            if owner is named:
                return
        own, others = self._nodes_with_parameters(named), self._nodes_with_parameters(owner)
        mark = site.mark("tied")
        if not others:
            site.refuse("nothing-to-tie", "the entry it is tied to has no parameters to share", mark)
            return
        if len(own) != len(others):
            self._refuse_shapes(site)
            return
        pairs = [pair for pair in zip(own, others) if not self._counted_apart(*pair)]
        shared = [self._shared(*pair) for pair in pairs]
        for pair, terms in zip(pairs, shared):
            if terms is not None and not terms:
                self._refuse_shapes(site, *pair)
                return
        for pair, terms in zip(pairs, shared):
            self._join(*pair, terms)

    def _counted_apart(self, index: int, other: int) -> bool:
        """Whether weights that the file ties are asked for at each position of maps of two sizes: they are two sets."""
        if self.sharing is None or self._written(index) == self._written(other):
            return False
        if self._inputs(index) == self._inputs(other):
            return False
        return self._values_of_one_set(index) == self._values_of_one_set(other) or bool(self._common(index, other))

    def _join(self, index: int, other: int, terms: frozenset[str] | None) -> None:
        """Let a node use some terms of another, or all; of what that uses itself, those of the first owner."""
        root = self.nodes[other].tied_to
        node = self.nodes[index]
        node.tied_to = other if root is None else root
        node.tied_terms = terms

    def _shared(self, index: int, other: int) -> frozenset[str] | None:
        """The names of the terms that two nodes have in common; None where these are all they have."""
        if self._written(index) == self._written(other):
            return None
        if self.sharing is not None and self._values_of_one_set(index) == self._values_of_one_set(other):
            return None
        common, values = self._common(index, other), [self._values(each) for each in (index, other)]
        tensors = self._tensors(index)
        for node, known in zip((index, other), values):
            for term in self.nodes[node].layer.terms():
                if term.name in common and term.written(known) != elements(tensors[term.name]):
                    return frozenset()  # not one set of weights
        return common

    def _common(self, index: int, other: int) -> frozenset[str]:
        """The terms of one name and one shape in PyTorch, of layers of two types.

        With weights that differ nothing is shared; biases may differ.
        """
        if self.nodes[index].layer.type is self.nodes[other].layer.type:
            return frozenset()
        own, others = self._tensors(index), self._tensors(other)
        common = frozenset(name for name in own if others.get(name) == own[name])
        weights = {term.name for term in self.nodes[index].layer.terms() if not term.is_bias}
        return common if weights and weights <= common else frozenset()

    def _tensors(self, index: int) -> dict[str, Shape]:
        return self.nodes[index].layer.tensors(self._inputs(index), self.nodes[index].output_shape)

    def _refuse_shapes(self, site: Site, index: int | None = None, other: int | None = None) -> None:
        """Report parameters of other shapes; of two layers, with those that both have."""
        message, help = "the parameters it would share have other shapes", _SAME_SHAPES
        if index is not None and other is not None and self.nodes[index].layer.type is not self.nodes[other].layer.type:
            own, others = (_told(self.nodes[each], self._tensors(each)) for each in (index, other))
            if own and others:
                message, help = f"{message}: {own}, {others}", _ONE_SHAPE
        site.refuse("tied-shapes-differ", message, site.mark("tied"), help)

    def _nodes_with_parameters(self, named: Named) -> list[int]:
        return [index for index in range(named.first, named.last) if self.nodes[index].layer.has_parameters]

    def _written(self, index: int) -> list[Any]:
        """What decides the shapes of a node's parameters: the values that its formulas read."""
        node = self.nodes[index]
        if PARAMS in node.layer.unknown:
            return [node.layer.type.name, node.layer.config()]
        values = self._values(index)
        return [(term.name, [(name, values[name]) for name in term.written.names()]) for term in node.layer.terms()]

    def _values_of_one_set(self, index: int) -> list[Any]:
        """The same of weights that all positions share, however the layer is wired."""
        node = self.nodes[index]
        if PARAMS in node.layer.unknown:
            return []
        values = self._values(index)
        return [(term.name, [(name, values[name]) for name in term.shared.names()]) for term in node.layer.terms()]

    def _values(self, index: int) -> dict[str, int]:
        return self.nodes[index].layer.values(self._inputs(index), self.nodes[index].output_shape)

    def _inputs(self, index: int) -> tuple[Shape, ...]:
        return tuple(self.construction.shapes[tensor] or () for tensor in self.nodes[index].reads)


def _told(node: Node, tensors: dict[str, Shape]) -> str:
    """The shapes of a layer's weights in words; empty where they are not told."""
    shapes = [f"{name} {format_shape(shape)}" for name, shape in tensors.items() if len(shape) > 1]
    return f"{' and '.join(shapes)} of {node.layer.type.name}" if shapes else ""


def _same_copy(named: Named, site: Site) -> Named:
    """The copy of an owner that has the entry's own number; the last copy for an entry without copies."""
    numbers: list[int] = []
    if site.columns:
        numbers.append(site.scope.values["row"])
    if site.has("repeat"):
        numbers.append(site.scope.values["index"])
    for number in numbers:
        if named.copies is not None and str(number) in named.copies:
            named = named.copies[str(number)]
    return named.last_copy
