"""Tied parameters: entries that use the parameters of an earlier one."""

from __future__ import annotations

from typing import Any

from convcalc.language.spec import Entry, Spec
from convcalc.network.graph import Graph
from convcalc.network.placing import Placer
from convcalc.network.scope import Named, Scope
from convcalc.network.values import Reported
from convcalc.text.collector import Problems


class Tier(Placer):
    """Ties the nodes of an entry to those of another, one by one in order."""

    def __init__(self, spec: Spec, problems: Problems, graph: Graph, sharing: str | None) -> None:
        super().__init__(spec, problems, graph, sharing)
        self.first_copies: dict[tuple[int, ...], Named] = {}  # of entries with `tied: true`

    def owner(self, entry: Entry, scope: Scope) -> Named | bool | None:
        """Whose parameters `tied` names: an earlier entry's, True for its own first copy, None for nobody's."""
        value = self.value(entry, "tied", scope)
        if value is None or isinstance(value, bool):
            return value or None
        try:
            named = self.find(value, scope, self.mark(entry, "tied", scope))[-1]
        except Reported:
            return None  # reported, and no reason to leave what follows unread
        return self.copy_of(named, entry, scope)

    def copy_of(self, named: Named, entry: Entry, scope: Scope) -> Named:
        """Of an owner that is copied too, the copy of the same number; the last one for an entry that is not."""
        numbers: list[int] = []
        if scope.columns_of(entry):
            numbers.append(scope.values["row"])
        if self.has(entry, "repeat", scope):
            numbers.append(scope.values["index"])
        for number in numbers:
            if named.copies is not None and str(number) in named.copies:
                named = named.copies[str(number)]
        while named.copies:
            named = list(named.copies.values())[-1]
        return named

    def tie(self, entry: Entry, scope: Scope, named: Named, owner: Named | bool) -> None:
        """Let the nodes made for an entry use the parameters of its owner's nodes."""
        if isinstance(owner, bool):
            owner = self.first_copies.setdefault(scope.path_to(entry), named)
            if owner is named:
                return
        own = [index for index in range(named.first, named.last) if self.has_parameters(index)]
        others = [index for index in range(owner.first, owner.last) if self.has_parameters(index)]
        mark = self.mark(entry, "tied", scope)
        if not others:
            self.refuse("nothing-to-tie", "the entry it is tied to has no parameters to share", mark, scope)
            return
        matching = len(own) == len(others) and all(
            self.parameter_shapes(mine) == self.parameter_shapes(other) for mine, other in zip(own, others)
        )
        if not matching:
            help = "tied entries must have the same layers, input channels and kernels"
            self.refuse("tied-shapes-differ", "the parameters it would share have other shapes", mark, scope, help=help)
            return
        for mine, other in zip(own, others):
            root = self.nodes[other].tied_to
            self.nodes[mine].tied_to = other if root is None else root

    def has_parameters(self, index: int) -> bool:
        """Whether a node has parameters of which its layer tells, or may have others."""
        layer = self.nodes[index].layer
        return bool(layer.terms()) or "params" in layer.unknown

    def parameter_shapes(self, index: int) -> list[Any]:
        """What decides the shapes of a node's parameters: the values that its formulas read."""
        node = self.nodes[index]
        if "params" in node.layer.unknown:
            return [node.layer.kind.name, node.layer.config()]
        values = node.layer.values(tuple(self.shapes[tensor] or () for tensor in node.reads), node.output_shape)
        return [(term.name, [(name, values[name]) for name in term.written.names()]) for term in node.layer.terms()]
