"""A bias directly before a norm that removes it.

Batch and instance norm subtract the mean of each channel, and with it the bias of the layer before. The bias is
trained and stored without any effect: one parameter for each channel.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}
      - batch_norm2d

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, bias: false}
      - batch_norm2d

Fix:
    `bias: false` is written.

Source:
    Ioffe and Szegedy, Batch Normalization, ICML 2015, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.batch_normalisation import BatchNorm, InstanceNorm
from convcalc.layers.dense import Linear
from convcalc.layers.weights import WeightedLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    for norm in network.of(BatchNorm, InstanceNorm):
        if norm.config.get("as_buffers"):
            continue  # it subtracts a fixed number, and not the mean of its input
        before = network.reads(norm)[0]
        if before is None or before in network.outputs or len(network.readers(before)) > 1:
            continue
        if _adds_one_bias_a_channel(before):
            count = before.facts.biases
            yield Finding(
                before,
                f"its bias of {count:,} parameters is removed by {norm.name} ({norm.type}), which reads it",
                at="bias",
                help="write `bias: false`",
                keys={"bias": False},
            )


def _adds_one_bias_a_channel(row: Row) -> bool:
    layer = row.facts.layer
    if isinstance(layer, WeightedLayer):
        return layer.bias is True and layer.sharing.mode == "full"
    return isinstance(layer, Linear) and layer.bias is True and len(row.output_shape) == 1
