"""Two activations in a row, of which the second does nothing, or harm.

A rectifier after a rectifier changes no value. A softmax over probabilities, or a sigmoid over what is never negative,
flattens them: ten classes of which one is certain come out with 23 % for it. Most losses apply the softmax themselves.

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
    A second activation that does nothing is removed, where it stands alone.

Source:
    PyTorch's CrossEntropyLoss: its input is expected to contain unnormalised scores.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.activation import Activation, PReLU, Softmax, Softmax2d
from convcalc.layers.base import Layer
from convcalc.layers.reshaping import Identity
from convcalc.lint.network import Finding, Network, Step
from convcalc.lint.removal import can_go

ACTIVATIONS: tuple[type[Layer], ...] = (Activation, PReLU, Softmax, Softmax2d)
# What they give is never below 0, and those that leave such values as they are.
NEVER_NEGATIVE = frozenset(["relu", "relu6", "sigmoid", "hardsigmoid", "softmax", "softmin", "softmax2d"])
KEEPING_POSITIVE = frozenset(["relu", "leaky_relu", "rrelu", "prelu", "elu", "celu"])
# Once more with the same parameters, they change nothing.
IDEMPOTENT = frozenset(["relu6", "hardtanh", "log_softmax", "hardshrink"])
PROBABILITIES = frozenset(["softmax", "softmin", "softmax2d", "sigmoid"])
OVER_CLASSES = frozenset(["softmax", "softmin", "log_softmax", "softmax2d"])
# softplus, tanh and a product with the input are mish, written out.
DELIBERATE = frozenset([("softplus", "tanh")])


def check(network: Network) -> Iterator[Finding]:
    for step in network.of(*ACTIVATIONS):
        before = step.reads[0]
        while before is not None and isinstance(before.layer, Identity):
            before = before.reads[0]
        if before is None or not isinstance(before.layer, ACTIVATIONS) or (before.type, step.type) in DELIBERATE:
            continue
        if step.type in OVER_CLASSES and before.type in OVER_CLASSES and _axis(step) != _axis(before):
            continue
        reason = _why_idle(before, step)
        if reason:
            removable = not isinstance(step.layer, PReLU) and can_go(network, step)
            message = f"does nothing after {before.name} ({before.type}){reason}"
            yield Finding(step, message, help="remove it", remove=removable)
        else:
            message = f"stands straight after {before.name} ({before.type}){_harm(before.type, step.type)}"
            yield Finding(step, message, help=f"keep one of them: {before.type} or {step.type}")


def _axis(step: Step) -> int:
    return step.layer.axis % len(step.output_shape) if isinstance(step.layer, Softmax) else 0


def _why_idle(before: Step, step: Step) -> str:
    """Why the second changes nothing; empty where it does."""
    if before.type in NEVER_NEGATIVE and step.type in KEEPING_POSITIVE:
        return ", which gives nothing below 0"
    if step.type == before.type and step.type in IDEMPOTENT and step.layer.config() == before.layer.config():
        return ": once more changes no value"
    return ""


def _harm(before: str, after: str) -> str:
    if before in PROBABILITIES and after in OVER_CLASSES:
        return ": it gets numbers from 0 to 1 for scores, and all classes come out nearly alike"
    if before in NEVER_NEGATIVE and after == "sigmoid":
        return ", which gives nothing below 0: no output falls below 0.5"
    if before == "relu" and after in OVER_CLASSES:
        return ": all scores below 0 count alike"
    return ", and nothing is learned between them"
