"""Expands entries one after the other: layers, blocks and containers, alone or in copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcalc import layers
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import CONTAINERS, COPYING, Block, Entry
from convcalc.network.construction import Construction
from convcalc.network.identity import name_of, type_of
from convcalc.network.place import Placer
from convcalc.network.references import tensors_read
from convcalc.network.scope import Binding, Level, Scope
from convcalc.network.site import Site
from convcalc.network.values import Reported

if TYPE_CHECKING:
    from convcalc.network.block_copies import BlockCopies
    from convcalc.network.keep_size import SizeKeeper
    from convcalc.network.tie import Ties


class Expander:
    """Expands lists of entries into the graph under construction."""

    __slots__ = ("_block_copies", "_ties", "construction", "placer")

    def __init__(self, construction: Construction, sharing: str | None, keeper: SizeKeeper | None = None) -> None:
        self.construction = construction
        self.placer = Placer(construction, sharing, keeper)
        # Made for the first entry that needs them: many specs need none.
        self._ties: Ties | None = None
        self._block_copies: BlockCopies | None = None

    @property
    def ties(self) -> Ties:
        from convcalc.network.tie import Ties  # as in __init__

        if self._ties is None:
            self._ties = Ties(self.construction, self.placer.sharing)
        return self._ties

    @property
    def block_copies(self) -> BlockCopies:
        from convcalc.network.block_copies import BlockCopies  # as in __init__

        if self._block_copies is None:
            self._block_copies = BlockCopies(self.construction, self.placer.sharing)
        return self._block_copies

    def expand(self, entries: list[Entry], scope: Scope, source: list[int]) -> list[int]:
        """Expand a list of entries. The first one reads `source`. Gives the outputs of the last one."""
        tensors = source
        for entry in entries:
            tensors = self._expand_entry(Site(self.construction, entry, scope, tensors))
        return tensors

    def _expand_entry(self, site: Site) -> list[int]:
        """Expand one entry and give its outputs. After a problem its tensor is unknown."""
        try:
            if not COPYING.isdisjoint(site.entry.body.pairs):
                from convcalc.network.copies import Copies  # as in __init__

                return list(Copies(self.construction, self._expand_one).expand(site).tensors)
            site.reads = tensors_read(site)
            return list(self._expand_one(site).tensors)
        except (Reported, UnknownValue):
            tensor = self.construction.add_unknown_tensor()
            name = site.entry.get("name")
            if isinstance(name, str):
                count = len(self.construction.nodes)
                site.record(name)
                site.scope.level.names.setdefault(name, Binding(tensor, count, count))
            return [tensor]

    def _expand_one(self, site: Site, copy_name: str | None = None) -> Binding:
        """Expand one copy of an entry."""
        self.construction.count_entry(site.entry)
        owner = self._owner(site) if site.has("tied") else None
        type_name = type_of(site)
        if type_name in CONTAINERS:
            binding = self._expand_container(site, type_name, copy_name)
        else:
            site.name = copy_name if copy_name is not None else name_of(site, type_name)
            site.record(site.name)
            self._settle(site, type_name)
            binding = site.scope.level.names[site.name] = self._expand_by_type(site, type_name)
        if owner is not None:
            self.ties.tie(site, binding, owner)
        return binding

    def _owner(self, site: Site) -> Binding | bool | None:
        self.construction.tie_count += 1
        return self.ties.owner(site)

    def _settle(self, site: Site, type_name: str) -> None:
        """Set what an entry has under its name: the changes of the call, and whether it is trainable."""
        if self.construction.changes is not None and site.name:
            site.changes = self.construction.changes.of(site, type_name)
        if site.has("trainable"):
            site.trainable = site.flag("trainable") and site.trainable

    def _expand_by_type(self, site: Site, type_name: str) -> Binding:
        """Expand a block, a custom type or a built-in layer."""
        spec = self.construction.spec
        if type_name in spec.blocks:
            return self._expand_block(site, spec.blocks[type_name])
        if type_name in spec.custom:
            return self.placer.add_custom_layer(site, spec.custom[type_name])
        layer_type = layers.find(type_name)
        assert layer_type is not None  # its type was checked when the file was read
        return self.placer.add_layer(site, layer_type)

    def _expand_block(self, site: Site, block: Block) -> Binding:
        from convcalc.network.blocks import outputs_of_block, scope_of_block  # as in __init__

        scope, copies = scope_of_block(site, block), self.block_copies
        key = copies.key_of(site, block, scope)
        if key is not None and (copy := copies.copy(key, site)) is not None:
            return copy
        first, before = len(self.construction.nodes), copies.state()
        tensors = self.expand(block.layers, scope, site.reads[:1])
        if block.outputs is not None:
            tensors = outputs_of_block(self.construction, block.outputs, scope)
        binding = _binding_of(tensors, first, len(self.construction.nodes), scope.level)
        if key is not None:
            copies.add(key, site, binding, first, before)
        return binding

    def _expand_container(self, site: Site, type_name: str, copy_name: str | None) -> Binding:
        """Expand a container. Its entries see the names around it; a name or a copy adds a level of names."""
        _check_one_input(site, type_name)
        names, source = site.scope.level.names, site.reads[0]
        is_numbered = site.has("numbered") and site.flag("numbered")
        is_member = site.scope.level.is_numbered and type_name != "sequential"
        has_own_level = copy_name is not None or site.has("name") or is_numbered or is_member
        if copy_name is not None:
            site.name = copy_name
        elif has_own_level or type_name != "sequential":
            site.name = name_of(site, type_name)
        self._settle(site, type_name)
        level = site.scope.level
        if has_own_level:
            level = Level(f"{site.full_name}.", level, is_numbered=is_numbered)
        first = len(self.construction.nodes)
        if site.name:
            site.record(site.name)
            # No entry in the branches may have this name, but they may read NAME.ENTRY of an earlier one.
            names[site.name] = Binding(source, first, first, level if has_own_level else None)
        inner = site.scope.of_container(level, site.entry, trainable=site.trainable)
        branches = [self.expand(branch, inner, [source]) for branch in site.entry.lists]
        tensors = [tensor for branch in branches for tensor in branch]
        if type_name != "sequential":
            merge = "add" if type_name == "residual" else site.value("merge") or "concat"
            tensors = [self.placer.add_merge(site, merge, tensors).tensor]
        binding = _binding_of(tensors, first, len(self.construction.nodes), level if has_own_level else None)
        if site.name:
            names[site.name] = binding
        return binding


def _check_one_input(site: Site, container: str) -> None:
    """Refuse a container that reads several entries."""
    if len(site.reads) != 1:
        message = f"{container} reads 1 entry, not {len(site.reads)}"
        help = "merge them first, with concat or add"
        raise site.refuse("too-many-inputs", message, site.mark("from"), help)


def _binding_of(tensors: list[int], first: int, last: int, level: Level | None) -> Binding:
    """The binding of the name of a block or a container."""
    return Binding(tensors[0], first, last, level, outputs=tuple(tensors) if len(tensors) > 1 else ())
