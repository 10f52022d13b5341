"""Blocks: the scope of their entries, their inputs and outputs."""

from __future__ import annotations

from convcalc import bounds
from convcalc.language.spec import Block
from convcalc.network.arguments import check_inputs, visible_params
from convcalc.network.construction import Construction
from convcalc.network.references import resolve_reference
from convcalc.network.scope import Binding, Level, Scope
from convcalc.network.site import Site
from convcalc.network.values import Reported
from convcalc.text.source import YamlList


def scope_of_block(site: Site, block: Block) -> Scope:
    """The scope of a block's entries: its params and inputs, without the names around the block."""
    scope = site.scope
    subject = f"{site.full_name} ({block.name})"
    _check_nesting(site, block, subject)
    check_inputs(site, "the block", block.inputs, subject)
    return Scope(
        Level(site.full_name + ".", None),
        visible_params(site, block, subject),
        scope.spec_params,
        dict(zip(block.inputs, site.reads)),
        trainable=site.trainable,
        users=(*scope.users, (subject, site.entry.mark)),
        path=scope.path_to(site.entry),
        blocks=(*scope.blocks, block.name),
        origin=scope.own_mark(site.entry),
    )


def outputs_of_block(construction: Construction, outputs: YamlList, scope: Scope) -> list[int]:
    """The tensors that are the outputs of a block, without those that `when` leaves out. Raises Reported."""
    bindings: list[Binding] = []
    for reference, mark in zip(outputs.items, outputs.marks):
        missing = f"the block has no entry called `{reference}`"
        bindings += resolve_reference(construction, scope, reference, mark, missing)
    tensors = [tensor for binding in bindings if not binding.skipped for tensor in binding.tensors]
    if not tensors:
        raise construction.refuse("no-outputs", "`when` leaves out every output of the block", outputs.mark, scope)
    return tensors


def _check_nesting(site: Site, block: Block, subject: str) -> None:
    """Refuse a block that uses itself, and blocks that are nested too deep."""
    blocks = site.scope.blocks
    if block.name in blocks:
        if site.construction.problems.has("block-cycle"):
            raise Reported  # a cycle of written types was reported when the file was read
        chain = " -> ".join([*blocks[blocks.index(block.name) :], block.name])
        raise site.refuse("block-cycle", f"the block uses itself: {chain}", subject=subject)
    if len(blocks) >= bounds.MAX_BLOCK_DEPTH:
        message = f"blocks nested over {bounds.MAX_BLOCK_DEPTH} deep"
        raise site.refuse("too-deep", message, help=bounds.how_to_raise("MAX_BLOCK_DEPTH"))
