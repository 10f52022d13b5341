"""Two activations in a row, where the second does nothing, or harm.

A rectifier after a rectifier changes no value, also where pooling, dropout, a flattening or a concatenation of
rectified values is between them. A softmax over probabilities, or a sigmoid over values that are never
negative, makes them nearly equal: a class that is certain among ten gets 23 %. Most losses apply the softmax
themselves.

Fails:
    input: [10]
    layers:
      - linear: {out_features: 10}
      - softmax
      - log_softmax

Passes:
    input: [10]
    layers:
      - linear: {out_features: 10}
      - log_softmax

Fix:
    A second activation that does nothing is removed, where no other entry refers to it.

Source:
    PyTorch's CrossEntropyLoss: its input is expected to contain unnormalised scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from convcalc.layers.activation import Activation, PReLU, Softmax, Softmax2d
from convcalc.layers.base import Layer
from convcalc.layers.rearranging import Transpose
from convcalc.layers.reshaping import Identity, Permute, Regrouping
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.removable import can_be_removed
from convcalc.lint.value_ranges import FROM_0_TO_1, Range, unchanged_by, value_ranges
from convcalc.report.rows import Row

ACTIVATIONS: tuple[type[Layer], ...] = (Activation, PReLU, Softmax, Softmax2d)
RESHAPING: tuple[type[Layer], ...] = (Regrouping, Permute, Transpose)
# Applied a second time with the same parameters, these change nothing.
IDEMPOTENT = frozenset(["relu6", "hardtanh", "log_softmax", "hardshrink"])
OVER_CLASSES = frozenset(["softmax", "softmin", "log_softmax", "softmax2d"])
# Softplus, tanh and a product with the input are the activation mish.
DELIBERATE = frozenset([("softplus", "tanh")])


def check(network: Network) -> Iterator[Finding]:
    activations = [row for row in network.of(*ACTIVATIONS) if network.reads(row)[0] is not None]
    if not activations:
        return
    ranges = value_ranges(network)
    idle = {row: reason for row in activations if (reason := _why_idle(network, ranges, row))}
    busy = {network.entry(row).mark for row in activations if row not in idle}
    for row in activations:
        before, is_direct = _activation_before(network, row)
        # Behind other layers an activation may be needed in one copy of a block and not in the next.
        if row in idle and (before is not None or network.entry(row).mark not in busy):
            removable = not isinstance(row.facts.layer, PReLU) and can_be_removed(network, row)
            yield Finding(row, f"does nothing after {idle[row]}", help="remove it", remove=removable)
        elif row not in idle and before is not None and not _is_deliberate(before, row, is_direct):
            message = f"is directly after {before.name} ({before.type}){_harm(ranges[before.index], before, row)}"
            yield Finding(row, message, help=f"keep one of them: {before.type} or {row.type}")


def _activation_before(network: Network, row: Row) -> tuple[Row | None, bool]:
    """The activation whose values a row reads, reshaped or not; and whether they have their shape."""
    read, is_direct = network.reads(row)[0], True
    while read is not None and isinstance(read.facts.layer, (Identity, *RESHAPING)):
        is_direct = is_direct and not isinstance(read.facts.layer, RESHAPING)
        read = network.reads(read)[0]
    return (read if read is not None and isinstance(read.facts.layer, ACTIVATIONS) else None), is_direct


def _is_deliberate(before: Row, row: Row, is_direct: bool) -> bool:
    if row.type in OVER_CLASSES and before.type in OVER_CLASSES:
        return not is_direct or _axis(row) != _axis(before)
    return (before.type, row.type) in DELIBERATE


def _axis(row: Row) -> int:
    return row.facts.layer.axis % len(row.output_shape) if isinstance(row.facts.layer, Softmax) else 0


def _why_idle(network: Network, ranges: list[Range], row: Row) -> str:
    """The layers whose values an activation does not change, and why; empty where it changes some."""
    before, is_direct = _activation_before(network, row)
    if before is not None and is_direct and row.type == before.type and row.type in IDEMPOTENT:
        if row.facts.layer.config() == before.facts.layer.config():
            return f"{before.name} ({before.type}): a second time changes no value"
    read, kept = network.reads(row)[0], unchanged_by(row)
    assert read is not None  # inputs have no known range
    values = ranges[read.index]
    if kept is None or values.source is None or values.low < kept.low or values.high > kept.high:
        return ""
    names = f"{values.source.name} ({values.source.type})"
    if read is not values.source:
        names += f" and {read.name} ({read.type})"
    bounds = "never below 0" if kept[:2] == (0, inf) else f"from {values.low:g} to {values.high:g}"
    return f"{names}, whose output is {bounds}"


def _harm(values: Range, before: Row, row: Row) -> str:
    after = row.type
    if before.type in FROM_0_TO_1 and after in OVER_CLASSES:
        return ": it reads numbers from 0 to 1 as scores, and all classes become nearly equal"
    if values.low >= 0 and after == "sigmoid":
        return ", whose output is never below 0: no output of the sigmoid is below 0.5"
    if before.type == "relu" and after in OVER_CLASSES:
        return ": all scores below 0 become equal"
    return ", and nothing is learned between them"
