"""Tied parameters: entries that use the parameters of an earlier one."""

from __future__ import annotations

from typing import Any

from convcalc.language.spec import Entry
from convcalc.network.construction import Construction
from convcalc.network.references import find
from convcalc.network.scope import Named
from convcalc.network.site import Site
from convcalc.network.values import Reported


class Ties:
    """Ties the nodes of an entry to those of another, one by one in order."""

    __slots__ = ("construction", "first_copies", "nodes")

    def __init__(self, construction: Construction) -> None:
        self.construction = construction
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
        if [self._parameter_shapes(index) for index in own] != [self._parameter_shapes(index) for index in others]:
            help = "tied entries must have the same layers, input channels and kernels"
            site.refuse("tied-shapes-differ", "the parameters it would share have other shapes", mark, help)
            return
        for index, other in zip(own, others):
            root = self.nodes[other].tied_to
            self.nodes[index].tied_to = other if root is None else root

    def _nodes_with_parameters(self, named: Named) -> list[int]:
        return [index for index in range(named.first, named.last) if self.nodes[index].layer.has_parameters]

    def _parameter_shapes(self, index: int) -> list[Any]:
        """What decides the shapes of a node's parameters: the values that its formulas read."""
        node = self.nodes[index]
        if "params" in node.layer.unknown:
            return [node.layer.type.name, node.layer.config()]
        inputs = tuple(self.construction.shapes[tensor] or () for tensor in node.reads)
        values = node.layer.values(inputs, node.output_shape)
        return [(term.name, [(name, values[name]) for name in term.written.names()]) for term in node.layer.terms()]


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
