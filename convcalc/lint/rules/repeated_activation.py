"""Two activations in a row, where the second does nothing, or harm.

A rectifier after a rectifier changes no value. A softmax over probabilities, or a sigmoid over values that are never
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

from convcalc.layers.activation import Activation, PReLU, Softmax, Softmax2d
from convcalc.layers.base import Layer
from convcalc.layers.reshaping import Identity
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.removable import can_be_removed
from convcalc.report.rows import Row

ACTIVATIONS: tuple[type[Layer], ...] = (Activation, PReLU, Softmax, Softmax2d)
# Activations whose output is never below 0, and activations that do not change such values.
NEVER_NEGATIVE = frozenset(["relu", "relu6", "sigmoid", "hardsigmoid", "softmax", "softmin", "softmax2d"])
KEEPING_POSITIVE = frozenset(["relu", "leaky_relu", "rrelu", "prelu", "elu", "celu"])
# Applied a second time with the same parameters, these change nothing.
IDEMPOTENT = frozenset(["relu6", "hardtanh", "log_softmax", "hardshrink"])
PROBABILITIES = frozenset(["softmax", "softmin", "softmax2d", "sigmoid"])
OVER_CLASSES = frozenset(["softmax", "softmin", "log_softmax", "softmax2d"])
# Softplus, tanh and a product with the input are the activation mish.
DELIBERATE = frozenset([("softplus", "tanh")])


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(*ACTIVATIONS):
        before = network.reads(row)[0]
        while before is not None and isinstance(before.facts.layer, Identity):
            before = network.reads(before)[0]
        if before is None or not isinstance(before.facts.layer, ACTIVATIONS) or (before.type, row.type) in DELIBERATE:
            continue
        if row.type in OVER_CLASSES and before.type in OVER_CLASSES and _axis(row) != _axis(before):
            continue
        reason = _why_idle(before, row)
        if reason:
            removable = not isinstance(row.facts.layer, PReLU) and can_be_removed(network, row)
            message = f"does nothing after {before.name} ({before.type}){reason}"
            yield Finding(row, message, help="remove it", remove=removable)
        else:
            message = f"is directly after {before.name} ({before.type}){_harm(before.type, row.type)}"
            yield Finding(row, message, help=f"keep one of them: {before.type} or {row.type}")


def _axis(row: Row) -> int:
    return row.facts.layer.axis % len(row.output_shape) if isinstance(row.facts.layer, Softmax) else 0


def _why_idle(before: Row, row: Row) -> str:
    """Why the second changes nothing; empty where it does."""
    if before.type in NEVER_NEGATIVE and row.type in KEEPING_POSITIVE:
        return ", whose output is never below 0"
    if row.type == before.type and row.type in IDEMPOTENT and row.facts.layer.config() == before.facts.layer.config():
        return ": a second time changes no value"
    return ""


def _harm(before: str, after: str) -> str:
    if before in PROBABILITIES and after in OVER_CLASSES:
        return ": it reads numbers from 0 to 1 as scores, and all classes become nearly equal"
    if before in NEVER_NEGATIVE and after == "sigmoid":
        return ", whose output is never below 0: no output of the sigmoid is below 0.5"
    if before == "relu" and after in OVER_CLASSES:
        return ": all scores below 0 become equal"
    return ", and nothing is learned between them"
