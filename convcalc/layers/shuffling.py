"""Shuffling: channels that become positions, positions that become channels, and channels in another order."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import periodic, repeated, sliding
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, links
from convcalc.layers.parameters import Integer
from convcalc.layers.spatial import spatial_sizes
from convcalc.layers.windows import mixing


class PixelShuffle(Layer):
    """Channels laid out as pixels: each group of r² channels becomes a channel r times as high and wide.

    Example:
        input: [64, 28, 28]
        layers:
          - pixel_shuffle: {upscale_factor: 2}

    Shape:
        [C, H, W] to [C / r², H r, W r] with r = upscale_factor

    Errors:
        factor-does-not-divide  r² must divide the channels
        wrong-rank              the input is no image

    Source:
        PyTorch's PixelShuffle; Shi et al. 2016.
    """

    takes_leading_axes = True
    upscale_factor = Integer(help="how many times as high and wide")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        channels, height, width = inputs[0]
        factor = self.upscale_factor
        if channels % factor**2:
            raise LayerError(
                "factor-does-not-divide",
                f"upscale_factor {factor} needs a multiple of {factor**2} channels, and the {{input}} has {channels}",
                parameter="upscale_factor",
                help=f"{factor**2} channels become one",
            )
        return channels // factor**2, height * factor, width * factor

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (mixing([repeated(self.upscale_factor)] * 2),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "upscale_factor is 1" if self.upscale_factor == 1 else ""


class PixelUnshuffle(Layer):
    """Pixels laid out as channels: squares of r by r pixels become r² channels.

    Example:
        input: [3, 224, 224]
        layers:
          - pixel_unshuffle: {downscale_factor: 2}

    Shape:
        [C, H, W] to [C r², H / r, W / r] with r = downscale_factor

    Errors:
        factor-does-not-divide  r must divide height and width
        wrong-rank              the input is no image

    Source:
        PyTorch's PixelUnshuffle.
    """

    takes_leading_axes = True
    downscale_factor = Integer(help="height and width of the squares")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        channels, height, width = inputs[0]
        factor = self.downscale_factor
        if height % factor or width % factor:
            raise LayerError(
                "factor-does-not-divide",
                f"downscale_factor {factor} does not divide {format_shape((height, width))}, the size of the {{input}}",
                parameter="downscale_factor",
                help="pad or crop the map first",
            )
        return channels * factor**2, height // factor, width // factor

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (mixing([sliding(self.downscale_factor, self.downscale_factor, 1, 0)] * 2),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "downscale_factor is 1" if self.downscale_factor == 1 else ""


class ChannelShuffle(Layer):
    """Channels in another order: dealt out from `groups` piles in turn, so that groups mix.

    Example:
        input: [240, 28, 28]
        layers:
          - channel_shuffle: {groups: 3}

    Shape:
        [C, …], kept

    Errors:
        groups-do-not-divide  groups must divide the channels
        wrong-rank            the input is a vector

    Source:
        PyTorch's ChannelShuffle; Zhang et al. 2017, "ShuffleNet".
    """

    takes_leading_axes = True
    groups = Integer(help="piles into which the channels are put")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        spatial_sizes(self, inputs[0])
        if inputs[0][0] % self.groups:
            raise LayerError(
                "groups-do-not-divide",
                f"groups {self.groups} does not divide the {inputs[0][0]} channels of the {{input}}",
                parameter="groups",
                help="use a divisor of the input's channels",
            )
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        pile = output[0] // self.groups
        dealt = periodic(self.groups, 1, lambda group: (group * pile, group * pile, 1))
        return ((Link(0, dealt), *links(len(output))[1:]),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        groups, channels = self.groups, output[0]
        return f"{groups} groups of {channels} channels leave them in order" if groups in (1, channels) else ""


TYPES = {
    "pixel_shuffle": LayerType("pixel_shuffle", PixelShuffle, 2),
    "pixel_unshuffle": LayerType("pixel_unshuffle", PixelUnshuffle, 2),
    "channel_shuffle": LayerType("channel_shuffle", ChannelShuffle),
}
