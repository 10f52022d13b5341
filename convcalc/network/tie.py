"""Ties entries: an entry uses the params of an earlier one."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.language.spec import Entry
from convcalc.layers.base import PARAMETER, PARAMS
from convcalc.network.construction import Construction
from convcalc.network.graph import Node
from convcalc.network.references import resolve_reference
from convcalc.network.scope import Binding
from convcalc.network.site import Site
from convcalc.network.values import Reported

_SAME_SHAPES = "tied entries must have the same layers, input channels and kernels"
_ONE_SHAPE = "layers of two types share the weights that have the same name and shape in PyTorch"


class Ties:
    """Ties the nodes of an entry to those of another, one by one in order.

    `sharing` replaces that of every convolution, unless None.
    """

    __slots__ = ("construction", "first_copies", "nodes", "sharing")

    def __init__(self, construction: Construction, sharing: str | None) -> None:
        self.construction = construction
        self.sharing = sharing
        self.nodes = construction.nodes
        # The first copy of each entry with `tied: true`.
        self.first_copies: dict[tuple[tuple[Entry, int], ...], Binding] = {}

    def owner(self, site: Site) -> Binding | bool | None:
        """The owner of the params: an earlier entry, True for the entry's own first copy, None for no tie."""
        value = site.value("tied")
        if value is None or isinstance(value, bool):
            return value or None
        try:
            binding = resolve_reference(self.construction, site.scope, value, site.mark("tied"))[-1]
        except Reported:
            return None  # reported; the rest of the entry is still read
        return _same_copy(binding, site)

    def tie(self, site: Site, binding: Binding, owner: Binding | bool) -> None:
        """Let the nodes of an entry use the params of its owner's nodes."""
        if isinstance(owner, bool):
            owner = self.first_copies.setdefault(site.scope.path_to(site.entry), binding)
            if owner is binding:
                return
        own, others = self._nodes_with_params(binding), self._nodes_with_params(owner)
        mark = site.mark("tied")
        if not others:
            site.refuse("nothing-to-tie", "the entry it is tied to has no parameters to share", mark)
            return
        if len(own) != len(others):
            self._refuse_shapes(site)
            return
        pairs = [pair for pair in zip(own, others) if not self._are_separate_sets(*pair)]
        shared = [self._terms_to_share(*pair) for pair in pairs]
        for pair, terms in zip(pairs, shared):
            if terms is not None and not terms:
                self._refuse_shapes(site, *pair)
                return
        for pair, terms in zip(pairs, shared):
            self._tie_node(*pair, terms)

    def _are_separate_sets(self, index: int, other: int) -> bool:
        """Whether two tied nodes have separate weights: the call makes them unshared, and their maps have two sizes."""
        if self.sharing is None or self._term_values(index) == self._term_values(other):
            return False
        if self._inputs(index) == self._inputs(other):
            return False
        has_equal_kernels = self._shared_term_values(index) == self._shared_term_values(other)
        return has_equal_kernels or bool(self._common_terms(index, other))

    def _tie_node(self, index: int, other: int, terms: frozenset[str] | None) -> None:
        """Let a node use some terms of another node, or all. Where that node is tied too, its owner is the owner."""
        root = self.nodes[other].tied_to
        node = self.nodes[index]
        node.tied_to = other if root is None else root
        node.tied_terms = terms

    def _terms_to_share(self, index: int, other: int) -> frozenset[str] | None:
        """The names of the terms that two nodes can share; None where these are all their terms."""
        if self._term_values(index) == self._term_values(other):
            return None
        if self.sharing is not None and self._shared_term_values(index) == self._shared_term_values(other):
            return None
        common, values = self._common_terms(index, other), [self._values(each) for each in (index, other)]
        tensors = self._tensors(index)
        for node, known in zip((index, other), values):
            for term in self.nodes[node].layer.terms():
                if term.name in common and term.written(known) != elements(tensors[term.name]):
                    return frozenset()  # the layer has more than one set of these weights
        return common

    def _common_terms(self, index: int, other: int) -> frozenset[str]:
        """The terms of two layers of different types that have the same name and the same shape in PyTorch.

        If the weights differ, there are none; the biases may differ.
        """
        if self.nodes[index].layer.type is self.nodes[other].layer.type:
            return frozenset()
        own, others = self._tensors(index), self._tensors(other)
        common = frozenset(
            name for name in own if others.get(name) == own[name] or _is_named_by_shape(name, own, others)
        )
        weights = {term.name for term in self.nodes[index].layer.terms() if not term.is_bias}
        return common if weights and weights <= common else frozenset()

    def _tensors(self, index: int) -> dict[str, Shape]:
        return self.nodes[index].layer.tensors(self._inputs(index), self.nodes[index].output_shape)

    def _refuse_shapes(self, site: Site, index: int | None = None, other: int | None = None) -> None:
        """Report params of different shapes. For two layers of different types the message has their shapes."""
        message, help = "the parameters to share have different shapes", _SAME_SHAPES
        if index is not None and other is not None and self.nodes[index].layer.type is not self.nodes[other].layer.type:
            own, others = (_weight_shapes_in_words(self.nodes[each], self._tensors(each)) for each in (index, other))
            if own and others:
                message, help = f"{message}: {own}, {others}", _ONE_SHAPE
        site.refuse("tied-shapes-differ", message, site.mark("tied"), help)

    def _nodes_with_params(self, binding: Binding) -> list[int]:
        return [index for index in range(binding.first, binding.last) if self.nodes[index].layer.has_parameters]

    def _term_values(self, index: int) -> list[Any]:
        """The values that decide the shapes of a node's weights: those that the formulas of its terms read."""
        layer = self.nodes[index].layer
        if PARAMS in layer.unknown:
            return [layer.type.name, layer.config()]
        values = self._values(index)
        return [(term.name, [(name, values[name]) for name in term.written.names()]) for term in layer.terms()]

    def _shared_term_values(self, index: int) -> list[Any]:
        """The same for one set of weights that all positions share, whatever the wiring of the layer."""
        layer = self.nodes[index].layer
        if PARAMS in layer.unknown:
            return []
        values = self._values(index)
        return [(term.name, [(name, values[name]) for name in term.shared.names()]) for term in layer.terms()]

    def _values(self, index: int) -> dict[str, int]:
        return self.nodes[index].layer.values(self._inputs(index), self.nodes[index].output_shape)

    def _inputs(self, index: int) -> tuple[Shape, ...]:
        return tuple(self.construction.shapes[tensor] or () for tensor in self.nodes[index].reads)


def _is_named_by_shape(name: str, own: dict[str, Shape], others: dict[str, Shape]) -> bool:
    """Whether a tensor of that name is a learned tensor, or one of a layer that is tied to a learned tensor."""
    if name == PARAMETER:
        return own[name] in others.values()
    return others.get(PARAMETER) == own[name]


def _weight_shapes_in_words(node: Node, tensors: dict[str, Shape]) -> str:
    """The shapes of a layer's weights in words; empty where the layer gives none."""
    shapes = [f"{name} {format_shape(shape)}" for name, shape in tensors.items() if len(shape) > 1]
    return f"{' and '.join(shapes)} of {node.layer.type.name}" if shapes else ""


def _same_copy(binding: Binding, site: Site) -> Binding:
    """The copy of the owner with the same number as the entry's copy; for an entry without copies, the last one."""
    numbers: list[int] = []
    if site.columns:
        numbers.append(site.scope.values["row"])
    if site.has("repeat"):
        numbers.append(site.scope.values["index"])
    for number in numbers:
        if binding.copies is not None and str(number) in binding.copies:
            binding = binding.copies[str(number)]
    return binding.last_copy
