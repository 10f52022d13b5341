"""The least and the greatest value that a layer can give, where an activation before it bounds them."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from convcalc.layers.activation import Activation, PReLU, Softmax, Softmax2d
from convcalc.layers.adaptive_pooling import AdaptivePooling, GlobalPooling
from convcalc.layers.base import Layer
from convcalc.layers.fixed_kernels import BlurPool
from convcalc.layers.interpolation import Upsample
from convcalc.layers.merge import Concatenation, Elementwise
from convcalc.layers.pooling import AveragePooling, MaxPooling
from convcalc.layers.rearranging import Flip, Roll, Stack, Transpose
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity, Permute, Regrouping
from convcalc.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle
from convcalc.layers.slicing import CenterCrop, Crop, Cut, Pad
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

# These give values of their inputs, in other places.
MOVING: tuple[type[Layer], ...] = (
    Identity, Regrouping, Permute, Transpose, Cut, Crop, CenterCrop, Roll, Flip, PixelShuffle, PixelUnshuffle,
    ChannelShuffle,
)  # fmt: skip
# These give values of their inputs, or means of them. A window of average pooling may also read zeros.
POOLING: tuple[type[Layer], ...] = (MaxPooling, AveragePooling, AdaptivePooling, GlobalPooling, BlurPool)
# Dropout sets values to 0 and multiplies the others; these kinds set them to another number.
SHIFTING = frozenset(["alpha_dropout", "feature_alpha_dropout"])
FROM_0_TO_1 = frozenset(["sigmoid", "hardsigmoid", "softmax", "softmin", "softmax2d"])
FROM_MINUS_1_TO_1 = frozenset(["tanh", "softsign"])
NEGATIVE = frozenset(["log_softmax", "log_sigmoid"])
RECTIFIERS = frozenset(["relu", "leaky_relu", "rrelu", "prelu", "elu", "celu"])


class Range(NamedTuple):
    """The bounds of the values of a tensor, and the activation that bounds them."""

    low: float
    high: float
    source: Row | None = None

    def joined(self, low: float, high: float) -> Range:
        """The range that has these values too."""
        return Range(min(self.low, low), max(self.high, high), self.source)


ANY = Range(-inf, inf)


def value_ranges(network: Network) -> list[Range]:
    """The range of the output of each row. In training and in inference no value is outside."""
    ranges: list[Range] = []
    for row in network.rows:
        reads = [ANY if read is None else ranges[read.index] for read in network.reads(row)]
        ranges.append(_of_row(row, reads))
    return ranges


def unchanged_by(row: Row) -> Range | None:
    """The range of the values that an activation does not change; None where it is none."""
    layer = row.facts.layer
    if row.type in RECTIFIERS:
        return Range(0, inf)
    if row.type == "relu6":
        return Range(0, 6)
    return Range(layer.min_val, layer.max_val) if row.type == "hardtanh" else None  # type: ignore[attr-defined]


def _of_row(row: Row, reads: list[Range]) -> Range:
    layer, first = row.facts.layer, reads[0] if reads else ANY
    if isinstance(layer, (Activation, PReLU, Softmax, Softmax2d)):
        return _of_activation(row, first)
    if isinstance(layer, MOVING):
        return first
    if isinstance(layer, POOLING):
        return first.joined(0, 0)
    if isinstance(layer, Upsample):
        return ANY if "cubic" in layer.mode else first
    if isinstance(layer, Pad):
        return first.joined(layer.value, layer.value) if layer.mode == "constant" else first
    if isinstance(layer, Dropout):
        scale = 1 / (1 - layer.p) if layer.p < 1 else 1
        return ANY if row.type in SHIFTING else first.joined(min(first.low * scale, 0), max(first.high * scale, 0))
    if isinstance(layer, (Concatenation, Stack)):
        return Range(min(each.low for each in reads), max(each.high for each in reads), first.source)
    if isinstance(layer, Elementwise) and row.type == "add":
        return Range(sum(each.low for each in reads), sum(each.high for each in reads), first.source)
    return ANY


def _of_activation(row: Row, read: Range) -> Range:
    if row.type in FROM_0_TO_1:
        return Range(0, 1, row)
    if row.type in FROM_MINUS_1_TO_1:
        return Range(-1, 1, row)
    if row.type in NEGATIVE:
        return Range(-inf, 0, row)
    if row.type == "softplus":
        return Range(0, inf, row)
    kept = unchanged_by(row)
    if kept is None:
        return ANY
    if row.type in ("relu", "relu6", "hardtanh"):
        low, high = (min(max(bound, kept.low), kept.high) for bound in read[:2])
        return Range(low, high, row)
    return Range(read.low, read.high, read.source) if read.low >= 0 else ANY
