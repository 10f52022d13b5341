"""Finds the norms that remove a constant from a tensor: those behind layers that let a constant pass.

A constant here is a number for each place along some axes of a tensor, the same at all other positions and in all
samples, as a bias is. Pooling, sums and concatenations let it pass, for example, and a norm subtracts it with the mean.
"""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.layers.adaptive_pooling import AdaptivePooling, GlobalPooling
from convcalc.layers.base import Layer
from convcalc.layers.batch_normalisation import BatchNorm, InstanceNorm
from convcalc.layers.convolution import Convolution
from convcalc.layers.dense import Linear
from convcalc.layers.fixed_kernels import BlurPool
from convcalc.layers.interpolation import Upsample
from convcalc.layers.layer_normalisation import GroupNorm, LayerNorm
from convcalc.layers.merge import Concatenation, Elementwise, Subtraction
from convcalc.layers.pooling import AveragePooling, MaxPooling
from convcalc.layers.rearranging import Flip, Roll, Transpose
from convcalc.layers.reshaping import Identity, Permute, Regrouping
from convcalc.layers.shuffling import ChannelShuffle, PixelUnshuffle
from convcalc.layers.slicing import CenterCrop, Crop, Cut, Pad
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

Axes = frozenset[int]
CHANNELS: Axes = frozenset([0])
# These move or leave out positions of an axis, and mix none.
CUTTING: tuple[type[Layer], ...] = (Identity, Cut, Crop, CenterCrop, Roll, Flip)
# These turn a constant of each channel into one.
OVER_MAPS: tuple[type[Layer], ...] = (
    MaxPooling, AdaptivePooling, GlobalPooling, Upsample, ChannelShuffle, PixelUnshuffle,
)  # fmt: skip


def has_fixed_statistics(network: Network, norm: Row) -> bool:
    """Whether a norm subtracts fixed numbers, and not the mean of its input.

    A norm that is not trained has its statistics from an earlier training too; Keras never updates them then.
    """
    layer = norm.facts.layer
    return isinstance(layer, BatchNorm) and (
        layer.as_buffers or layer.fixed_statistics or not network.node(norm).trainable
    )


class MeanRemoval:
    """Finds the norms that remove a constant; each answer is found once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        # By a row and the axes along which its constant varies, a norm that removes it; None where it has an effect.
        self.known: dict[tuple[Row, Axes], Row | None] = {}

    def norm_behind(self, row: Row, axes: Axes) -> Row | None:
        """The first of the norms that remove a constant added to the output of a row; None where one reader sees it."""
        waiting = [(row, axes)]
        while waiting:
            key = waiting[-1]
            if key in self.known:
                waiting.pop()
                continue
            found = self._readings(*key)
            missing = [each for each in found or () if not isinstance(each, Row) and each not in self.known]
            if missing:
                waiting += missing
                continue
            norms = [each if isinstance(each, Row) else self.known[each] for each in found or ()]
            self.known[key] = norms[0] if norms and None not in norms else None
        return self.known[row, axes]

    def _readings(self, row: Row, axes: Axes) -> list[Row | tuple[Row, Axes]] | None:
        """For each reader of a row, itself where it removes the constant, else its output with the axes there.

        None where the constant changes an output, or a reader computes something else with it.
        """
        if row in self.network.outputs:
            return None
        found: list[Row | tuple[Row, Axes]] = []
        for reader in dict.fromkeys(self.network.readers(row)):
            if self._removes(reader, axes):
                found.append(reader)
                continue
            for place in [place for place, read in enumerate(self.network.reads(reader)) if read is row]:
                after = axes_after(reader, place, axes)
                if after is None:
                    return None
                found.append((reader, after))
        return found

    def _removes(self, norm: Row, axes: Axes) -> bool:
        """Whether a norm subtracts a mean over all axes along which the constant is the same."""
        layer, shape = norm.facts.layer, norm.output_shape
        if isinstance(layer, (BatchNorm, InstanceNorm)):
            return axes <= CHANNELS and not has_fixed_statistics(self.network, norm)
        if isinstance(layer, GroupNorm):
            return axes <= CHANNELS and layer.num_groups == shape[0]
        return isinstance(layer, LayerNorm) and all(axis < len(shape) - len(layer.sizes(shape)) for axis in axes)


def axes_after(row: Row, place: int, axes: Axes) -> Axes | None:
    """The axes along which a constant varies in the output of a row that reads it at `place`.

    None where the output is not its own plus a constant.
    """
    layer, shape, output = row.facts.layer, row.input_shapes[place], row.output_shape
    if isinstance(layer, CUTTING):
        return axes
    if isinstance(layer, Pad):
        return None if layer.mode == "constant" else axes
    if isinstance(layer, (Permute, Transpose)):
        return frozenset(to for to, axis in enumerate(layer.order(len(output))) if axis in axes)
    if isinstance(layer, Regrouping):
        return _regrouped(shape, output, axes)
    if isinstance(layer, Concatenation):
        return axes | {layer.axis % len(output)}
    if isinstance(layer, Subtraction) or (isinstance(layer, Elementwise) and row.type == "add"):
        return frozenset(axis + len(output) - len(shape) for axis in axes)
    if isinstance(layer, Linear):
        return axes | {len(shape) - 1}
    return CHANNELS if axes <= CHANNELS and _keeps_constants_of_channels(layer, shape) else None


def _regrouped(old: Shape, new: Shape, axes: Axes) -> Axes | None:
    """The axes after a reshape: those of a vector, or of channels that stay apart."""
    if len(new) == 1:
        return CHANNELS
    return axes if axes <= CHANNELS and old[0] == new[0] else None


def _keeps_constants_of_channels(layer: Layer, shape: Shape) -> bool:
    """Whether constants of channels give constants of channels: no window reads more zeros than another."""
    if isinstance(layer, OVER_MAPS):
        return True
    if isinstance(layer, AveragePooling):
        return not layer.count_include_pad or not _is_padded(layer, shape)
    if isinstance(layer, (Convolution, BlurPool)):
        is_shared = not isinstance(layer, Convolution) or layer.sharing.mode == "full"
        return is_shared and (layer.padding_mode != "zeros" or not _is_padded(layer, shape))
    return False


def _is_padded(layer: AveragePooling | Convolution | BlurPool, shape: Shape) -> bool:
    return any(map(any, layer.pads(shape[1:])))
