"""A bias before a norm that removes it.

Batch and instance norm subtract the mean of each channel, and with it the bias of the layer before; group norm does so
with one channel in each group. The bias is trained and stored without any effect: one parameter for each channel.

The bias is removed also where pooling, a sum, a concatenation or another layer is between that lets a constant pass: a
convolution too, but not one that pads with zeros. The rule reports a bias that norms remove on every way to an output.
It does not report a bias before a norm whose statistics are fixed: one with `fixed_statistics`, `as_buffers` or
`trainable: false`.

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

from convcalc.layers.dense import Linear
from convcalc.layers.weights import WeightedLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.mean_removal import CHANNELS, Axes, MeanRemoval
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    removal = MeanRemoval(network)
    removed: dict[Row, Row] = {}  # by a layer with a bias, a norm that removes it
    needed = set()  # the owners of biases with an effect
    for row in network.rows:
        axes = _axes_of_bias(row)
        if axes is None:
            continue
        norm = removal.norm_behind(row, axes)
        if norm is None:
            needed.add(_owner(network, row))
        else:
            removed[row] = norm
    # Where other layers are between, a bias may be needed in one copy of a block and not in the next.
    busy = {network.entry(row).mark for row in network.rows if row not in removed}
    for row, norm in removed.items():
        is_direct = norm in network.readers(row)
        if _owner(network, row) not in needed and (is_direct or network.entry(row).mark not in busy):
            yield Finding(
                row,
                f"its bias of {row.facts.biases:,} parameters is removed by {norm.name} ({norm.type}),"
                f" {'which reads it' if is_direct else _way(network, row)}",
                at="bias",
                help="write `bias: false`",
                keys={"bias": False},
            )


def _axes_of_bias(row: Row) -> Axes | None:
    """The axes along which the bias of a layer varies; None where it has no bias, or one for each position."""
    layer = row.facts.layer
    if isinstance(layer, WeightedLayer):
        is_for_channels = layer.bias == "per_channel" or (layer.bias is True and layer.sharing.mode == "full")
        return CHANNELS if is_for_channels else None
    if isinstance(layer, Linear) and layer.bias:
        return frozenset([len(row.output_shape) - 1])
    return None


def _owner(network: Network, row: Row) -> int:
    """The layer that owns the bias: layers that are tied to it use the same."""
    node = network.node(row)
    if node.tied_to is None or (node.tied_terms is not None and "bias" not in node.tied_terms):
        return row.index
    return node.tied_to


def _way(network: Network, row: Row) -> str:
    first = network.readers(row)[0]
    return f"through {first.name} ({first.type})"
