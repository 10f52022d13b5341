"""Response normalisation: each element by the energy of its neighbours, or each channel by that of the whole map."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.arith.window import sliding
from convcalc.layers.base import Flow, Layer, LayerType, Term, links
from convcalc.layers.normalisation import CHANNELS, OUT_UNITS, whole_from
from convcalc.layers.parameters import Integer, Number
from convcalc.layers.spatial import spatial_sizes


class MapNorm(Layer):
    """A norm of maps with at least one axis of positions."""

    takes_leading_axes = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        spatial_sizes(self, inputs[0])
        return inputs[0]


class LocalResponseNorm(MapNorm):
    """Each element divided by a power of the energy of the neighbouring channels at its position.

    Example:
        input: [96, 55, 55]
        layers:
          - local_response_norm: {size: 5}

    Shape:
        [C, …], kept

    Errors:
        wrong-rank          the input is a vector

    Source:
        PyTorch's LocalResponseNorm; Krizhevsky et al. 2012.
    """

    size = Integer(help="how many neighbouring channels count")
    alpha = Number(1e-4, help="factor of their mean square")
    beta = Number(0.75, help="exponent")
    k = Number(1.0, help="added before the exponent")

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        window = sliding(self.size, 1, 1, self.size // 2)
        return (tuple(links(len(output), through={0: window})),)


class GlobalResponseNorm(MapNorm):
    """Each channel scaled by its norm over the whole map, compared with the mean of all channels' norms.

    Example:
        input: [96, 56, 56]
        layers:
          - global_response_norm

    Shape:
        [C, …], kept

    Formulas:
        gamma               in_channels
        beta                in_channels

    Errors:
        wrong-rank          the input is a vector

    Source:
        Woo et al. 2023, "ConvNeXt V2".
    """

    eps = Number(1e-6, help="added to the mean of the norms")

    def terms(self) -> tuple[Term, ...]:
        return (
            Term.fixed("gamma", CHANNELS, OUT_UNITS),
            Term.fixed("beta", CHANNELS, OUT_UNITS, is_bias=True),
        )

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (whole_from(output, 0),)


TYPES = {
    "local_response_norm": LayerType("local_response_norm", LocalResponseNorm),
    "global_response_norm": LayerType("global_response_norm", GlobalResponseNorm),
}
