"""Two linear maps without an activation between them, where one with fewer parameters is enough.

The product of two matrices is a matrix: without an activation between, one linear layer can compute the same as two.
Most often the activation was forgotten. The same is true for two convolutions, and for a convolution before a flattened
linear layer. Where a single map would not have fewer parameters, the pair is a factorisation and is not reported:
bottlenecks, 3x3 after 3x3, depthwise and pointwise. Dropout is not an activation: in inference it does nothing.

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
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Layer
from convcalc.layers.convolution import Convolution
from convcalc.layers.dense import Linear
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity, Regrouping
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

LINEAR: tuple[type[Layer], ...] = (Linear, Convolution)


def check(network: Network) -> Iterator[Finding]:
    owners = {node.tied_to for node in network.graph.nodes}
    for row in network.of(*LINEAR):
        before = network.reads(row)[0]
        is_regrouped = False
        while before is not None and isinstance(before.facts.layer, (Identity, Dropout, Regrouping)):
            if len(network.readers(before)) > 1 or before in network.outputs:
                break
            is_regrouped = is_regrouped or before.output_shape != before.input_shapes[0]
            before = network.reads(before)[0]
        if before is None or not isinstance(before.facts.layer, LINEAR):
            continue
        if len(network.readers(before)) > 1 or before in network.outputs:
            continue
        if _has_own_parameters(network, before, owners) and _has_own_parameters(network, row, owners):
            yield from _waste(before, row, is_regrouped)


def _has_own_parameters(network: Network, row: Row, owners: set[int | None]) -> bool:
    """Whether the parameters of a layer are trained, and no other layer uses them."""
    node = network.node(row)
    return node.tied_to is None and node.trainable and row.index not in owners


def _waste(first: Row, second: Row, is_regrouped: bool) -> Iterator[Finding]:
    if is_regrouped:
        found = _through_all_units(first, second)
    elif isinstance(first.facts.layer, Linear) and isinstance(second.facts.layer, Linear):
        found = first.input_shapes[0][-1] * second.output_shape[-1], f"leave {first.name} out"
    else:
        found = _one_convolution(first, second)
    if found is None:
        return
    weights, instead = found
    biases = second.output_shape[-1 if isinstance(second.facts.layer, Linear) else 0]
    one = weights + biases if first.facts.biases or second.facts.biases else weights
    two = (first.facts.params or 0) + (second.facts.params or 0)
    if one < two:
        yield Finding(
            second,
            f"{first.name} ({first.type}) and this layer are one linear map, without an activation between them:"
            f" {one:,} parameters would be enough instead of {two:,}",
            help=f"put an activation between; or {instead}",
        )


def _through_all_units(first: Row, second: Row) -> tuple[int, str] | None:
    """The weights of one linear layer on all units of the input of the first, and what to write instead."""
    if not isinstance(second.facts.layer, Linear) or len(second.input_shapes[0]) != 1:
        return None
    return elements(first.input_shapes[0]) * second.output_shape[0], f"flatten before {first.name}, and leave it out"


def _one_convolution(first: Row, second: Row) -> tuple[int, str] | None:
    """The weights of a single convolution that equals two, and what to write instead; None where there is none."""
    one, other = first.facts.layer, second.facts.layer
    if not (isinstance(one, Convolution) and isinstance(other, Convolution) and _is_plain(one) and _is_plain(other)):
        return None
    # The second pads with zeros; a single convolution would use the bias of the first there, or more pixels.
    if any(map(any, other.pads(second.input_shapes[0][1:]))):
        is_pointwise = set(one.kernel_size) == set(one.stride) == {1} and not any(map(any, one.explicit_pads()))
        if not is_pointwise or one.bias is not False:
            return None
    kernel = [
        (kernel - 1) * dilation + (other_kernel - 1) * other_dilation * stride + 1
        for kernel, dilation, stride, other_kernel, other_dilation in zip(
            one.kernel_size, one.dilation, one.stride, other.kernel_size, other.dilation
        )
    ]
    weights = first.input_shapes[0][0] * second.output_shape[0] * prod(kernel)
    return weights, f"write one {second.type} with kernel_size {per_axis(kernel)}"


def _is_plain(layer: Convolution) -> bool:
    """Whether it has one shared kernel from all channels to all channels, and at most one bias for each channel."""
    is_whole = layer.groups == 1 and layer.connection_table is None and not layer.causal and not layer.fixed_weights
    return is_whole and layer.sharing.mode == "full" and layer.bias != "per_position"
