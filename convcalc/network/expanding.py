"""Entries expanded: layers, blocks and containers, one after the other."""

from __future__ import annotations

from typing import Any

from convcalc import bounds
from convcalc import layers as layer_types
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import CONTAINERS, Block, CustomType, Entry
from convcalc.layers.parameters import Misfit, show
from convcalc.network.scope import Level, Named, Scope
from convcalc.network.tying import Tier
from convcalc.network.values import UNKNOWN, Reported
from convcalc.problems import nearest
from convcalc.text.source import Expression

COPYING = frozenset(("rows", "repeat", "when"))


class Expander(Tier):
    """Expands lists of entries; entries with rows, repeat or when are handed to `copies`."""

    def entries(self, entries: list[Entry], scope: Scope, source: int) -> int:
        """Expand a list of entries; `source` is what the first one reads. The tensor of the last."""
        tensor = source
        for entry in entries:
            tensor = self.entry(entry, scope, tensor)
        return tensor

    def entry(self, entry: Entry, scope: Scope, previous: int) -> int:
        """Expand one entry. After an error its tensor is unknown, and what follows is still read."""
        try:
            if not COPYING.isdisjoint(entry.body.pairs):
                return self.copies(entry, scope, previous)
            return self.single(entry, scope, self.reads(entry, scope, previous)).tensor
        except (Reported, UnknownValue):
            tensor = self.unknown_tensor()
            name = entry.get("name")
            if isinstance(name, str):
                scope.level.names.setdefault(name, Named(tensor, len(self.nodes), len(self.nodes)))
            return tensor

    def copies(self, entry: Entry, scope: Scope, previous: int) -> int:
        """Expand an entry that has rows, repeat or when."""
        raise NotImplementedError

    def single(self, entry: Entry, scope: Scope, reads: list[int], copy_name: str | None = None) -> Named:
        """One instance of an entry: a layer, a block or a container."""
        self.step(entry)
        owner = self.owner(entry, scope) if self.has(entry, "tied", scope) else None
        type_name = self.type_of(entry, scope, reads)
        trainable = scope.trainable
        if self.has(entry, "trainable", scope):
            trainable = self.truth(entry, "trainable", scope, self.known_shape(reads[0])) and trainable
        if type_name in CONTAINERS:
            named = self.container(entry, type_name, scope, reads, copy_name, trainable)
        else:
            name = copy_name if copy_name is not None else self.name_of(entry, scope, reads, type_name)
            self.meet(name, entry, scope)
            if type_name in self.spec.blocks:
                named = self.block(entry, self.spec.blocks[type_name], scope, reads, name, trainable)
            elif type_name in self.spec.custom:
                named = self.custom(entry, self.spec.custom[type_name], scope, reads, name, trainable)
            else:
                kind = layer_types.find(type_name)
                assert kind is not None  # checked where the type was read
                named = self.layer(entry, kind, scope, reads, name, trainable)
            scope.level.names[name] = named
        if owner is not None:
            self.tie(entry, scope, named, owner)
        return named

    def type_of(self, entry: Entry, scope: Scope, reads: list[int]) -> str:
        """The type of an entry, evaluated where it is an expression. Raises Reported where it is none."""
        if isinstance(entry.type, Expression):
            return self.dynamic_type(entry, entry.type, scope, reads)
        if entry.type is None:
            raise Reported  # reported when the file was read
        return entry.type

    def dynamic_type(self, entry: Entry, expression: Expression, scope: Scope, reads: list[int]) -> str:
        shape = self.known_shape(reads[0])
        kind = self.values.plain(expression, entry.mark, scope.values, shape, trail=scope.trail)
        blocks, custom = self.spec.blocks, self.spec.custom
        if isinstance(kind, str) and (kind in blocks or kind in custom):
            return kind
        if isinstance(kind, str) and kind not in CONTAINERS and layer_types.find(kind):
            return kind
        if isinstance(kind, str) and kind in CONTAINERS:
            raise self.refuse("unknown-type", f"={expression.text} gives the container '{kind}'", entry.mark, scope,
                              help="a container is written out, not computed")  # fmt: skip
        if isinstance(kind, str) and self.spec.source.incomplete:
            raise Reported  # it may well be defined in the file that could not be read
        help = nearest(kind, [*layer_types.names(), *blocks, *custom]) if isinstance(kind, str) else ""
        raise self.refuse(
            "unknown-type",
            f"={expression.text} gives {show(kind)}, which is no layer or block",
            entry.mark,
            scope,
            help=help,
        )

    def block(self, entry: Entry, block: Block, scope: Scope, reads: list[int], name: str, trainable: bool) -> Named:
        full_name = scope.level.prefix + name
        subject = f"{full_name} ({block.name})"
        if block.name in scope.blocks:
            if self.problems.has("block-cycle"):
                raise Reported  # a cycle of written types was seen when the file was read
            chain = " -> ".join([*scope.blocks[scope.blocks.index(block.name) :], block.name])
            raise self.refuse("block-cycle", f"the block uses itself: {chain}", entry.mark, scope, subject=subject)
        if len(scope.blocks) >= bounds.MAX_BLOCK_DEPTH:
            raise self.refuse(
                "too-deep", f"blocks nested over {bounds.MAX_BLOCK_DEPTH} deep", entry.mark, scope,
                help=bounds.how_to_raise("MAX_BLOCK_DEPTH"),
            )  # fmt: skip
        self.check_inputs(entry, "the block", block.inputs, scope, reads, subject)
        inner = Scope(
            Level(full_name + ".", None),
            self.block_params(entry, block, scope, reads, subject),
            scope.root,
            dict(zip(block.inputs, reads)),
            trainable=trainable,
            trail=(*scope.trail, f"in {full_name} ({block.name}), {self.spec.source.place_of(entry.mark)}"),
            path=scope.path_to(entry),
            blocks=(*scope.blocks, block.name),
            origin=scope.own_mark(entry),
        )
        first = len(self.nodes)
        tensor = self.entries(block.layers, inner, reads[0])
        return Named(tensor, first, len(self.nodes), inner.level)

    def check_inputs(
        self, entry: Entry, what: str, inputs: list[str], scope: Scope, reads: list[int], subject: str
    ) -> None:
        """Refuse more or fewer inputs than a type of the file has."""
        if len(reads) != len(inputs):
            count = f"{len(inputs)} input{'s' if len(inputs) != 1 else ''}"
            raise self.refuse(
                "wrong-inputs", f"{what} has {count} ({', '.join(inputs)}), and {len(reads)} are given",
                entry.mark_of("from"), scope, help="list them in order: `from: [previous, NAME]`", subject=subject,
            )  # fmt: skip

    def custom(
        self, entry: Entry, custom: CustomType, scope: Scope, reads: list[int], name: str, trainable: bool
    ) -> Named:
        """The node of an entry whose type the file defines by formulas."""
        from convcalc.layers.custom import CustomLayer
        from convcalc.network.custom import check_finite, formulas_of  # only a spec that has one pays

        if not custom.is_sound or self.spec.source.incomplete:
            raise Reported  # reported when the file was read, or its formulas may read what could not be read
        full_name = scope.level.prefix + name
        subject = f"{full_name} ({custom.name})"
        self.check_inputs(entry, "the type", custom.inputs, scope, reads, subject)
        params = self.block_params(entry, custom, scope, reads, subject)
        given = {param: params[param] for param in custom.params.pairs}
        if any(value is UNKNOWN for value in params.values()):
            raise Reported  # reported where the value stands
        if custom.name not in self.formulas:
            self.formulas[custom.name] = formulas_of(custom)
        key = (custom.name, repr(given))
        if key not in self.made:
            try:
                check_finite(given)
            except Misfit as misfit:
                raise self.report(misfit, entry, scope, subject) from None
            formulas = self.formulas[custom.name]
            self.made[key] = CustomLayer(custom.name, tuple(custom.inputs), given, scope.root, formulas)
        return self.fit(entry, self.made[key], scope, reads, full_name, trainable)

    def block_params(
        self, entry: Entry, block: Block | CustomType, scope: Scope, reads: list[int], subject: str
    ) -> dict[str, Any]:
        """The params a type of the file sees: the spec's, over them its own defaults, over them the entry's."""
        shape = self.known_shape(reads[0])
        pairs = entry.body.pairs
        if isinstance(entry.type, Expression):
            self.check_dynamic(entry, block.name, [*block.params.pairs], scope)
        columns = scope.columns_of(entry)
        values = dict(scope.root)
        missing: list[str] = []
        for name, default in block.params.pairs.items():
            try:
                value: Any = None
                if name in pairs:
                    value = self.values.plain(
                        pairs[name], entry.mark_of(name), scope.values, shape, subject=subject, trail=scope.trail
                    )
                elif name in columns:
                    value = columns[name]
                if value is None:
                    value = self.values.plain(default, block.params.value_mark(name), values, shape, trail=scope.trail)
                if value is None:
                    missing.append(name)
                    value = UNKNOWN
            except (Reported, UnknownValue):
                value = UNKNOWN
            values[name] = value
        if missing:
            self.problems.add(
                "missing-parameter", f"{' and '.join(missing)} must be given", entry.mark, subject=subject,
                help=f"write `{block.name}: {{{', '.join(f'{name}: …' for name in missing)}}}`", trail=scope.trail,
            )  # fmt: skip
        return values

    def container(
        self, entry: Entry, type_name: str, scope: Scope, reads: list[int], copy_name: str | None, trainable: bool
    ) -> Named:
        """A container's entries belong to the scope around it; a name or a copy adds a level to full names."""
        if len(reads) != 1:
            message = f"{type_name} reads 1 entry, not {len(reads)}"
            help = "merge them first, with concat or add"
            raise self.refuse("too-many-inputs", message, self.mark(entry, "from", scope), scope, help=help)
        name = copy_name
        if name is None and (self.has(entry, "name", scope) or type_name != "sequential"):
            name = self.name_of(entry, scope, reads, type_name)
        adds_level = copy_name is not None or self.has(entry, "name", scope)
        level = Level(f"{scope.level.prefix}{name}.", scope.level) if adds_level else scope.level
        first = len(self.nodes)
        if name is not None:
            self.meet(name, entry, scope)
            scope.level.names[name] = Named(reads[0], first, first)  # the name is taken while the branches are made
        inner = scope.inside(level, path=scope.path_to(entry), trainable=trainable)
        tensors = [self.entries(branch, inner, reads[0]) for branch in entry.lists]
        tensor = tensors[0]
        if type_name != "sequential":
            assert name is not None  # a merge is a row, and every row has a name
            merge = "add" if type_name == "residual" else self.value(entry, "merge", scope) or "concat"
            tensor = self.merge(entry, merge, scope, tensors, name, trainable).tensor
        named = Named(tensor, first, len(self.nodes), level if adds_level else None)
        if name is not None:
            scope.level.names[name] = named
        return named
