"""Consecutive grouped convolutions whose groups are never mixed.

A grouped convolution keeps groups of channels separate, and so does a second one on the same groups. Where no layer
mixes them before the output, the network consists of parts without any connection. Other networks put a 1x1
convolution or a channel shuffle between, or mix the groups later, as AlexNet does with its two columns.

A depthwise convolution, with one kernel for each channel, is a filter like pooling, and is not counted: pairs of them
are common, for blurring and for the upsampling of class scores.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 64, kernel_size: 3}
      - conv2d: {out_channels: 64, kernel_size: 3, groups: 4}
      - relu
      - conv2d: {out_channels: 64, kernel_size: 3, groups: 4}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 64, kernel_size: 3}
      - conv2d: {out_channels: 64, kernel_size: 3, groups: 4}
      - relu
      - channel_shuffle: {groups: 4}
      - conv2d: {out_channels: 64, kernel_size: 3, groups: 4}

Source:
    Zhang et al., ShuffleNet, CVPR 2018, section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import NamedTuple

from convcalc.layers.base import Link
from convcalc.layers.merge import Elementwise, Subtraction
from convcalc.layers.weights import WeightedLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


class _Channels(NamedTuple):
    """The channels of a tensor, as equal blocks of the channels of tensor `source` that no layer has mixed since.

    `layers` are the first two grouped convolutions since then.
    """

    source: int
    blocks: int
    layers: tuple[Row, ...] = ()


def check(network: Network) -> Iterator[Finding]:
    if sum(map(_is_grouped, network.of(WeightedLayer))) < 2:
        return
    graph = network.graph
    channels = [_Channels(tensor, shape[0]) for tensor, shape in enumerate(graph.inputs.values())]
    for row in network.rows:
        kept = _kept(row, [channels[tensor] for tensor in network.node(row).reads])
        channels.append(kept or _Channels(graph.tensor_of(row.index), row.output_shape[0]))
    reported: set[Row] = set()
    for output in sorted(network.outputs, key=lambda row: row.index):
        found = channels[graph.tensor_of(output.index)]
        if len(found.layers) == 2 and found.layers[1] not in reported:
            first, second = found.layers
            reported.add(second)
            apart = f"{found.blocks} groups of channels, separate since {first.name} ({first.type}),"
            yield Finding(
                second,
                f"the {apart} are not mixed by any layer up to the output {output.name}",
                at="groups",
                help=f"put `channel_shuffle: {{groups: {found.blocks}}}` or a 1x1 convolution before it",
            )


def _is_grouped(row: Row) -> bool:
    """Whether a convolution has groups of more than one channel."""
    return isinstance(row.facts.layer, WeightedLayer) and 1 < row.facts.layer.groups < row.input_shapes[0][0]


def _kept(row: Row, reads: list[_Channels]) -> _Channels | None:
    """The channels of the output, where a layer keeps blocks of its input separate; None where it may mix them."""
    if not reads:
        return None
    before, layer = reads[0], row.facts.layer
    if isinstance(layer, WeightedLayer):
        counts = _is_grouped(row) and len(before.layers) < 2
        layers = (*before.layers, row) if counts else before.layers
        return _in_blocks(before.source, gcd(before.blocks, layer.groups), layers)
    shapes, output = row.input_shapes, row.output_shape
    if len(reads) > 1:
        of_one_source = isinstance(layer, (Elementwise, Subtraction)) and len({each.source for each in reads}) == 1
        if not of_one_source or any(len(shape) != len(output) or shape[0] != output[0] for shape in shapes):
            return None
        longest = max(reads, key=lambda each: len(each.layers))
        return _in_blocks(before.source, gcd(*(each.blocks for each in reads)), longest.layers)
    flow = row.facts.flow[0]
    if flow is None:
        return before
    channel = flow[0]
    is_kept = isinstance(channel, Link) and channel.axis == 0 and channel.window is None
    return before if is_kept and output[0] == shapes[0][0] else None


def _in_blocks(source: int, blocks: int, layers: tuple[Row, ...]) -> _Channels | None:
    """The separate blocks; None for a single block, in which all channels are mixed."""
    return _Channels(source, blocks, layers) if blocks > 1 else None
