"""Regularisation: layers that drop something in training and do nothing in inference."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.layers.base import Layer, LayerType
from convcalc.layers.parameters import Number
from convcalc.layers.windows import RANKS


class Dropout(Layer):
    """Elements, whole channels or whole branches that are zeroed at random in training.

    Example:
        input: [512]
        layers:
          - dropout

    Shape:
        any shape, kept; dropout1d reads [C, L], dropout2d [C, H, W], dropout3d [C, D, H, W]

    Errors:
        wrong-rank          the input of dropout1d, 2d or 3d has other axes

    Source:
        PyTorch's dropout layers; drop_path: torchvision's StochasticDepth, Huang et al. 2016.
    """

    p = Number(0.5, minimum=0, maximum=1, help="probability of being dropped")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if self.type.rank:
            self.type.check_rank(inputs[0])
        return inputs[0]

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "p is 0" if self.p == 0 else ""


class ChannelDropout(Dropout):
    __doc__ = Dropout.__doc__
    takes_leading_axes = True


TYPES = {
    "dropout": LayerType("dropout", Dropout),
    **{f"dropout{rank}d": LayerType(f"dropout{rank}d", ChannelDropout, rank) for rank in RANKS},
    "alpha_dropout": LayerType("alpha_dropout", Dropout),
    "feature_alpha_dropout": LayerType("feature_alpha_dropout", Dropout),
    "drop_path": LayerType("drop_path", Dropout, p=0.0),
}
