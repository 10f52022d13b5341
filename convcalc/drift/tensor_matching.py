"""Which tensors of a checkpoint belong to which layer: by their names, else by their order and shapes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from convcalc.arith.shape import elements
from convcalc.arith.subsequence import common_subsequence
from convcalc.drift.tensors import COUNTER, Need, sizes
from convcalc.weights.checkpoint import Checkpoint, Tensor


class Holder(NamedTuple):
    """A layer with tensors: its full name, and its needs; None where they are unknown."""

    name: str
    needs: list[Need] | None

    @property
    def has_parameters(self) -> bool:
        """Whether a checkpoint must have tensors of it."""
        return any(not need.is_buffer for need in self.needs or ())


@dataclass(slots=True)
class Match:
    """The tensors of each layer, by the index of the layer, and those without a layer.

    Of the tensors that were found by name, those of the network begin with `prefix` in the checkpoint, and all names of
    the spec with `block`.
    """

    by_name: bool
    prefix: str = ""
    block: str = ""
    found: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    surplus: dict[str, Tensor] = field(default_factory=dict)


def match(holders: Sequence[Holder], checkpoint: Checkpoint) -> Match:
    """The match by name where at least half of the layers are found so, or of the modules; else by order and shape."""
    tensors = checkpoint.tensors
    known = {holder.name: index for index, holder in enumerate(holders)}
    # A parameter in a list has a dot in its name, and an underscore in the name of its layer.
    known = {**{name.replace(".", "_"): index for name, index in known.items()}, **known}
    matches = [_by_name(holders, known, tensors, prefix, block) for prefix, block in _beginnings(holders, tensors)]
    most = max(len(each.found) for each in matches)
    best = max(
        (each for each in matches if len(each.found) == most),
        key=lambda each: (_fitting(each, holders, checkpoint.other_axes), -len(each.prefix) - len(each.block)),
    )
    modules = len({name.rpartition(".")[0] for name in tensors})
    if 2 * len(best.found) < min(len(holders), modules):
        best = Match(False, surplus=dict(tensors))
    _match_shapes(best, holders, checkpoint.other_axes)
    return best


def _beginnings(holders: Sequence[Holder], tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, str]]:
    """What names of the checkpoint may have before those of the spec, or the other way round."""
    yield "", ""
    prefixes, blocks = Counter[str](), Counter[str]()
    for names, found in ((list(tensors), prefixes), ([holder.name for holder in holders], blocks)):
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:depth]) + "." for depth in range(1, min(len(parts), 4)))
    for prefix, _ in prefixes.most_common(12):
        yield prefix, ""
    for block, _ in blocks.most_common(12):
        yield "", block


def _by_name(
    holders: Sequence[Holder], known: Mapping[str, int], tensors: Mapping[str, Tensor], prefix: str, block: str
) -> Match:
    result = Match(True, prefix, block)
    for name, tensor in tensors.items():
        owner = _owner(known, block + name.removeprefix(prefix)) if name.startswith(prefix) else None
        if owner is None:
            result.surplus[name] = tensor
        else:
            index, local = owner
            result.found.setdefault(index, {})[local] = tensor
    return result


def _fitting(result: Match, holders: Sequence[Holder], statistics: bool) -> int:
    """How many of the layers that were found have tensors of the shapes that they need."""
    return sum(
        _shapes_needed(holders[index].needs or (), statistics)
        == _shapes_of({local: each for local, each in tensors.items() if COUNTER not in local}, statistics)
        for index, tensors in result.found.items()
    )


def _owner(known: Mapping[str, int], name: str) -> tuple[int, str] | None:
    """The layer whose name a tensor begins with, and its name in the layer. A tensor by itself is a layer."""
    if name in known:
        return known[name], name.rpartition(".")[2]
    scope, _, local = name.rpartition(".")
    if name.replace(".", "_") in known:
        return known[name.replace(".", "_")], local
    while scope:
        if scope in known:
            return known[scope], local
        scope, _, last = scope.rpartition(".")
        local = f"{last}.{local}"
    return None


# -- by order and shape ------------------------------------------------------------------------------------------------

_Key = tuple[tuple[int, ...], ...]


def _match_shapes(result: Match, holders: Sequence[Holder], statistics: bool) -> None:
    """Match the layers and tensors that are left: first in order, then in any order; at last those that differ.

    `statistics` of a norm are among its weights in Keras.
    """
    layers = [index for index, holder in enumerate(holders) if index not in result.found and holder.needs]
    modules = _modules(result.surplus)
    rest = _Rest(layers, modules, {})
    needs = {index: holders[index].needs or [] for index in layers}
    keys = {index: _shapes_needed(needs[index], statistics) for index in layers}
    others = {name: _shapes_of(tensors, statistics) for name, tensors in modules.items()}
    rest.pair_in_order(keys, others)
    rest.pair_equal(keys, others)
    rest.pair_equal(_element_counts(keys), _element_counts(others))
    _match_subtrees(rest, needs)
    rest.pair_in_order(_axis_counts(keys), _axis_counts(others))
    for index, tensors in rest.pairs.items():
        result.found[index] = tensors
    result.surplus = {
        scope if scope == local else f"{scope}.{local}": tensor
        for scope, tensors in rest.modules.items()
        for local, tensor in tensors.items()
    }


@dataclass(slots=True)
class _Rest:
    """Layers and modules without a partner, and the pairs that were found."""

    layers: list[int]
    modules: dict[str, dict[str, Tensor]]
    pairs: dict[int, dict[str, Tensor]]

    def pair_in_order(self, keys: Mapping[int, Hashable], others: Mapping[str, Hashable]) -> None:
        names = list(self.modules)
        layers = list(self.layers)
        for a, b in common_subsequence([keys[index] for index in layers], [others[name] for name in names]):
            self.pair(layers[a], names[b])

    def pair_equal(self, keys: Mapping[int, Hashable], others: Mapping[str, Hashable]) -> None:
        free: dict[Hashable, list[str]] = defaultdict(list)
        for name in reversed(self.modules):
            free[others[name]].append(name)
        for index in list(self.layers):
            if free.get(keys[index]):
                self.pair(index, free[keys[index]].pop())

    def pair(self, index: int, name: str) -> None:
        self.layers.remove(index)
        self.pairs[index] = self.modules.pop(name)


def _modules(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The tensors by the module that has them; one without a module is a module by itself."""
    found: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for name, tensor in tensors.items():
        scope, _, local = name.rpartition(".")
        if COUNTER not in local and not tensor.is_whole:
            found[scope or name][local] = tensor
    return dict(found)


def _match_subtrees(rest: _Rest, needs: Mapping[int, Sequence[Need]]) -> None:
    """Match layers with several modules below one name: the projections of an attention."""
    for index in list(rest.layers):
        wanted = sum(need.elements for need in needs[index] if not need.is_buffer)
        sums: dict[str, int] = defaultdict(int)
        for name, tensors in rest.modules.items():
            held = sum(elements(tensor.shape) for tensor in tensors.values())
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):
                sums[".".join(parts[:depth])] += held
        top = next((name for name, held in sums.items() if held == wanted), None)
        if top is not None:
            inside = [name for name in rest.modules if f"{name}.".startswith(f"{top}.")]
            joined = {f"{name}.{local}": tensor for name in inside for local, tensor in rest.modules.pop(name).items()}
            rest.layers.remove(index)
            rest.pairs[index] = joined


def _shapes_needed(needed: Sequence[Need], statistics: bool) -> _Key:
    shapes = [need.shape or (need.elements,) for need in needed if statistics or not need.is_buffer]
    return tuple(sorted(map(sizes, shapes)))


def _shapes_of(tensors: Mapping[str, Tensor], statistics: bool) -> _Key:
    shapes = [tensor.shape for name, tensor in tensors.items() if statistics or not name.startswith("running_")]
    return tuple(sorted(map(sizes, shapes)))


_Name = TypeVar("_Name", int, str)


def _element_counts(keys: Mapping[_Name, _Key]) -> dict[_Name, Hashable]:
    return {name: tuple(sorted(map(elements, key))) for name, key in keys.items()}


def _axis_counts(keys: Mapping[_Name, _Key]) -> dict[_Name, Hashable]:
    return {name: tuple(sorted(map(len, key))) for name, key in keys.items()}
