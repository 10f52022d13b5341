"""A batch norm directly after a batch norm.

The second removes the effect of the first on a channel: its mean and variance, its learned weight and bias. The first
is trained and stored without any effect. It happens where a block that ends with a norm is before one that begins with
one.

Fails:
    input: [16, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, bias: false}
      - batch_norm2d
      - batch_norm2d
      - relu

Passes:
    input: [16, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3, bias: false}
      - batch_norm2d
      - relu

Source:
    Ioffe and Szegedy, Batch Normalization, ICML 2015, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.batch_normalisation import BatchNorm
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.mean_removal import has_fixed_statistics


def check(network: Network) -> Iterator[Finding]:
    for norm in network.of(BatchNorm):
        before = network.reads(norm)[0]
        if before is None or not isinstance(before.facts.layer, BatchNorm) or has_fixed_statistics(network, norm):
            continue
        if len(network.readers(before)) == 1 and before not in network.outputs:
            count = before.params
            lost = f", and with it its {count:,} parameters" if count else ""
            message = f"removes the effect of {before.name} ({before.type}) directly before it{lost}"
            yield Finding(norm, message, help=f"keep one of them: remove it or {before.name}")
