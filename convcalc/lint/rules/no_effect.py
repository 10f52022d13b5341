"""A layer that does nothing, for any input.

Pooling over one cell, a dropout of 0, an upsampling by 1, padding or cropping by 0, the flattening of a vector, a
permutation that keeps each axis in its place: most often a parameter is missing or wrong. The rule does not report
layers that do nothing because of an expression, in one copy or variant, or only at this size of the input.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}
      - max_pool2d: {kernel_size: 1}
      - relu

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}
      - max_pool2d: {kernel_size: 2}
      - relu

Fix:
    The entry is removed, where nothing refers to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.merge import Concatenation, Elementwise
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity
from convcalc.lint.entries import expressions_in
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.removable import can_be_removed
from convcalc.report.rows import Row
from convcalc.text.source import YamlList

MERGES = (Elementwise, Concatenation)


def check(network: Network) -> Iterator[Finding]:
    idle: dict[Row, str] = {}
    for row in network.rows:
        reason = row.facts.layer.idle_reason(row.input_shapes, row.output_shape)
        if reason and _is_written(network, row) and not _is_deliberate(network, row):
            idle[row] = reason
    if not idle:
        return
    busy = {network.entry(row).mark for row in network.rows if row not in idle}
    for row, reason in idle.items():
        if network.entry(row).mark not in busy:
            yield Finding(row, f"does nothing: {reason}", help="remove it, or correct its parameters",
                          remove=not isinstance(row.facts.layer, MERGES) and can_be_removed(network, row))  # fmt: skip


def _is_written(network: Network, row: Row) -> bool:
    """Whether the type and parameters are written directly: an expression or table may differ in another copy."""
    entry = network.entry(row)
    if not isinstance(entry.type, str) or entry.has("rows"):
        return False
    keys = (*row.facts.layer.parameters, "from", "merge")
    return not any(expression for key in keys for expression in expressions_in(entry.get(key)))


def _is_deliberate(network: Network, row: Row) -> bool:
    """Whether the layer is a placeholder, or does something in another variant."""
    entry = network.entry(row)
    if isinstance(row.facts.layer, Identity):  # with a name, or alone in a branch
        joins = any(isinstance(reader.facts.layer, MERGES) for reader in network.readers(row))
        return bool(entry.body.pairs) or joins or network.reads(row)[0] is None
    if isinstance(row.facts.layer, Dropout):
        return not entry.has("p")
    if isinstance(row.facts.layer, MERGES):  # a `*` may find one copy in one variant, and more in others
        given = entry.get("from")
        names = given.items if isinstance(given, YamlList) else [given]
        return any("*" in str(name) for name in names)
    return False
