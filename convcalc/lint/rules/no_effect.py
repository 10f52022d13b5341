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

from collections.abc import Callable, Iterator
from typing import Any

from convcalc.layers import names
from convcalc.layers.merge import Concatenation, Elementwise
from convcalc.lint.network import Finding, Network, Step
from convcalc.lint.removal import can_go
from convcalc.lint.usage import expressions_in
from convcalc.text.source import YamlList

# Why a layer does nothing; an empty text where it does something.
Test = Callable[[Any, Step], str]
MERGES = ("add", "sub", "mul", "concat")


def check(network: Network) -> Iterator[Finding]:
    found: list[tuple[Step, str]] = []
    for step in network.steps:
        test = TESTS.get(step.type)
        if test is not None:
            reason = test(step.layer, step)
            if reason and _is_written(step):
                found.append((step, reason))
    if not found:
        return
    idle = {step for step, _ in found}
    busy = {step.entry.mark for step in network.steps if step not in idle}
    for step, reason in found:
        if step.entry.mark not in busy:
            yield Finding(step, f"does nothing: {reason}", help="remove it, or mend its parameters",
                          remove=step.type not in MERGES and can_go(network, step))  # fmt: skip


def _is_written(step: Step) -> bool:
    """Whether the entry has its type and parameters from no expression and no table, which may differ elsewhere."""
    entry = step.entry
    if not isinstance(entry.type, str) or entry.has("rows"):
        return False
    keys = (*step.layer.parameters, "from", "merge")
    return not any(expression for key in keys for expression in expressions_in(entry.get(key)))


def _pooling(layer: Any, step: Step) -> str:
    one = set(layer.kernel_size) | set(layer.stride) == {1}
    return "its windows are single cells, one for each cell of the input" if one else ""


def _dropout(layer: Any, step: Step) -> str:
    return "p is 0" if layer.p == 0 and step.entry.has("p") else ""


def _upsample(layer: Any, step: Step) -> str:
    factor = layer.scale_factor
    factors = factor if isinstance(factor, (list, tuple)) else [factor]
    return "scale_factor is 1" if set(factors) == {1} else ""


def _border(key: str) -> Test:
    """The test of a layer that does nothing with zero cells of `key`."""

    def test(layer: Any, step: Step) -> str:
        if getattr(layer, key) is None:
            return ""  # another entry gives the size, and may be larger
        return f"{key} is 0" if step.output_shape == step.input_shape else ""

    return test


def _slice(layer: Any, step: Step) -> str:
    return "it keeps all places" if not layer.start and layer.stop is None and layer.step == 1 else ""


def _chunk(layer: Any, step: Step) -> str:
    return "one chunk is the whole" if layer.chunks == 1 else ""


def _shape(layer: Any, step: Step) -> str:
    return "its output has the shape of its input" if step.output_shape == step.input_shape else ""


def _squeeze(layer: Any, step: Step) -> str:
    return "no axis that it names has size 1" if step.output_shape == step.input_shape else ""


def _permute(layer: Any, step: Step) -> str:
    order = layer.order(len(step.output_shape))
    return "each axis stays in its place" if order == tuple(range(len(order))) else ""


def _shuffle(layer: Any, step: Step) -> str:
    groups, channels = layer.groups, step.output_shape[0]
    return f"{groups} groups of {channels} channels leave them in order" if groups in (1, channels) else ""


def _factor(key: str) -> Test:
    return lambda layer, step: f"{key} is 1" if getattr(layer, key) == 1 else ""


def _merge(layer: Any, step: Step) -> str:
    """A merge of one: a `*` may find one copy in one variant, and more in others."""
    given = step.entry.get("from")
    names = given.items if isinstance(given, YamlList) else [given]
    has_star = any("*" in str(name) for name in names)
    return "it joins a single input" if len(step.node.reads) == 1 and not has_star else ""


def _identity(layer: Any, step: Step) -> str:
    """An identity is a placeholder where it has a name, or is a branch by itself."""
    joins = any(isinstance(reader.layer, (Elementwise, Concatenation)) for reader in step.readers)
    is_alone = step.entry.body.pairs or joins or step.reads[0] is None
    return "" if is_alone else "it gives what it reads"


TESTS: dict[str, Test] = {
    **{name: _pooling for name in names() if name[:8] in ("max_pool", "avg_pool")},
    **{name: _dropout for name in names() if "dropout" in name},
    "drop_path": _dropout,
    "upsample": _upsample,
    "pad": _border("padding"),
    "crop": _border("cropping"),
    "slice": _slice,
    "chunk": _chunk,
    **dict.fromkeys(("flatten", "unflatten", "reshape"), _shape),
    "squeeze": _squeeze,
    "permute": _permute,
    "channel_shuffle": _shuffle,
    "pixel_shuffle": _factor("upscale_factor"),
    "pixel_unshuffle": _factor("downscale_factor"),
    **dict.fromkeys(MERGES, _merge),
    "identity": _identity,
}
