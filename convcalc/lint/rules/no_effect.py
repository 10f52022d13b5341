"""A layer that does nothing, whatever it reads.

Pooling over one cell, a dropout of 0, an upsampling by 1, padding or cropping of 0, the flattening of a vector, a
permutation that leaves each axis in its place: most often a parameter is missing or wrong. What an expression makes so
in one copy or variant is left alone, and so are layers that do nothing only at this size of the input.

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
from convcalc.lint.network import Finding, Network, Step
from convcalc.lint.removal import can_go
from convcalc.lint.usage import expressions_in
from convcalc.text.source import YamlList

MERGES = (Elementwise, Concatenation)


def check(network: Network) -> Iterator[Finding]:
    idle: dict[Step, str] = {}
    for step in network.steps:
        reason = step.layer.idle_reason(step.facts.input_shapes, step.output_shape)
        if reason and _is_written(step) and not _is_deliberate(step):
            idle[step] = reason
    if not idle:
        return
    busy = {step.entry.mark for step in network.steps if step not in idle}
    for step, reason in idle.items():
        if step.entry.mark not in busy:
            yield Finding(step, f"does nothing: {reason}", help="remove it, or mend its parameters",
                          remove=not isinstance(step.layer, MERGES) and can_go(network, step))  # fmt: skip


def _is_written(step: Step) -> bool:
    """Whether no expression and no table gives the type or the parameters: these may differ in another copy."""
    entry = step.entry
    if not isinstance(entry.type, str) or entry.has("rows"):
        return False
    keys = (*step.layer.parameters, "from", "merge")
    return not any(expression for key in keys for expression in expressions_in(entry.get(key)))


def _is_deliberate(step: Step) -> bool:
    """Whether the layer is a placeholder, or does something in another variant."""
    entry = step.entry
    if isinstance(step.layer, Identity):  # with a name, or as a branch by itself
        joins = any(isinstance(reader.layer, MERGES) for reader in step.readers)
        return bool(entry.body.pairs) or joins or step.reads[0] is None
    if isinstance(step.layer, Dropout):
        return not entry.has("p")
    if isinstance(step.layer, MERGES):  # a `*` may find one copy in one variant, and more in others
        given = entry.get("from")
        names = given.items if isinstance(given, YamlList) else [given]
        return any("*" in str(name) for name in names)
    return False
