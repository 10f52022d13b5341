"""Two linear maps with no activation between them, which one of fewer parameters would do.

The product of two matrices is a matrix: without an activation between, two linear layers compute what one can, and
mostly one was forgotten. So do two convolutions, and a convolution before a flattened linear layer. Where the one map
would not have fewer parameters, the pair is a factorisation and nothing is found: bottlenecks, 3x3 after 3x3,
depthwise and pointwise. Dropout is no activation: in inference it stands aside.

Fails:
    input: [784]
    layers:
      - linear: {out_features: 512}
      - linear: {out_features: 10}

Passes:
    input: [784]
    layers:
      - linear: {out_features: 512}
      - relu
      - linear: {out_features: 10}

Source:
    Goodfellow, Bengio and Courville, Deep learning, MIT Press 2016, section 6.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from convcalc.arith.shape import elements
from convcalc.layers.base import Layer
from convcalc.layers.convolution import Convolution
from convcalc.layers.dense import Linear
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity, Regrouping
from convcalc.lint.network import Finding, Network, Step
from convcalc.lint.words import per_axis

LINEAR: tuple[type[Layer], ...] = (Linear, Convolution)


def check(network: Network) -> Iterator[Finding]:
    owners = {node.tied_to for node in network.graph.nodes}
    for step in network.of(*LINEAR):
        before = step.reads[0]
        is_regrouped = False
        while before is not None and isinstance(before.layer, (Identity, Dropout, Regrouping)):
            if len(before.readers) > 1 or before in network.outputs:
                break
            is_regrouped = is_regrouped or before.output_shape != before.input_shape
            before = before.reads[0]
        if before is None or not isinstance(before.layer, LINEAR):
            continue
        if len(before.readers) > 1 or before in network.outputs:
            continue
        if _stands_alone(before, owners) and _stands_alone(step, owners):
            yield from _waste(before, step, is_regrouped)


def _stands_alone(step: Step, owners: set[int | None]) -> bool:
    """Whether the parameters of a layer are trained, and used by no other."""
    return step.node.tied_to is None and step.node.trainable and step.index not in owners


def _waste(first: Step, second: Step, is_regrouped: bool) -> Iterator[Finding]:
    if is_regrouped:
        found = _through_all_units(first, second)
    elif isinstance(first.layer, Linear) and isinstance(second.layer, Linear):
        found = first.input_shape[-1] * second.output_shape[-1], f"leave {first.name} out"
    else:
        found = _one_convolution(first, second)
    if found is None:
        return
    weights, instead = found
    biases = second.output_shape[-1 if isinstance(second.layer, Linear) else 0]
    one = weights + biases if first.facts.biases or second.facts.biases else weights
    two = (first.facts.params or 0) + (second.facts.params or 0)
    if one < two:
        yield Finding(
            second,
            f"with no activation between them, {first.name} ({first.type}) and it are one linear map:"
            f" {two:,} parameters do what {one:,} can",
            help=f"put an activation between; or {instead}",
        )


def _through_all_units(first: Step, second: Step) -> tuple[int, str] | None:
    """The weights of one linear layer on all units that the first reads, and what to write instead."""
    if not isinstance(second.layer, Linear) or len(second.input_shape) != 1:
        return None
    return elements(first.input_shape) * second.output_shape[0], f"flatten before {first.name}, and leave it out"


def _one_convolution(first: Step, second: Step) -> tuple[int, str] | None:
    """The weights of the one convolution that two are, and what to write instead; None where it is not exactly one."""
    one, other = first.layer, second.layer
    if not (isinstance(one, Convolution) and isinstance(other, Convolution) and _is_plain(one) and _is_plain(other)):
        return None
    # The second pads with zeros what the first would have given there: its bias, or what it makes of further pixels.
    if any(map(any, other.pads(second.input_shape[1:]))):
        is_pointwise = set(one.kernel_size) == set(one.stride) == {1} and not any(map(any, one.explicit_pads()))
        if not is_pointwise or one.bias is not False:
            return None
    kernel = [
        (kernel - 1) * dilation + (other_kernel - 1) * other_dilation * stride + 1
        for kernel, dilation, stride, other_kernel, other_dilation in zip(
            one.kernel_size, one.dilation, one.stride, other.kernel_size, other.dilation
        )
    ]
    weights = first.input_shape[0] * second.output_shape[0] * prod(kernel)
    return weights, f"write one {second.type} with kernel_size {per_axis(kernel)}"


def _is_plain(layer: Convolution) -> bool:
    """Whether it is one shared kernel from all channels to all channels, with a bias for each at most."""
    is_whole = layer.groups == 1 and layer.connection_table is None
    return is_whole and layer.sharing.mode == "full" and layer.bias != "per_position"
