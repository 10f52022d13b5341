"""Batch and instance normalisation: each channel by the mean and variance of the channel itself."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.layers.base import SAME, Flow, Layer, LayerError, LayerType, Term
from convcalc.layers.normalisation import AFFINE, BIAS, CHANNELS, EPS, affine_terms, whole_from
from convcalc.layers.parameters import Boolean, Number
from convcalc.layers.windows import RANKS


class TrackingNorm(Layer):
    """A norm of each channel, by statistics that were tracked in training, or else by the map's own.

    The receptive field is that of inference: with tracked statistics each position is independent.
    """

    takes_leading_axes = True
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    bias = Boolean(True, help=BIAS)
    momentum = Number(0.1, help="weight of the newest statistics in the running ones")
    track_running_stats = Boolean(True, help="whether running means and variances are kept for inference")

    def terms(self) -> tuple[Term, ...]:
        return affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

    def buffers(self) -> dict[str, Formula]:
        if not self.track_running_stats:
            return {}
        return {"running_mean": CHANNELS, "running_var": CHANNELS, "num_batches_tracked": Formula("1")}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (SAME if self.track_running_stats else whole_from(output, 1),)


class BatchNorm(TrackingNorm):
    """Each channel, normalised over the batch and its positions.

    Example:
        input: [64, 56, 56]
        layers:
          - batch_norm2d

    Shape:
        [C, H, W], kept; batch_norm1d reads [C] and [C, L], batch_norm3d [C, D, H, W]

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias
        buffers             2 · in_channels running statistics and 1 counter, where track_running_stats; with as_buffers
                            weight and bias are buffers too, and there is no counter

    Errors:
        wrong-rank          the input has other axes
        contradicting-parameters  as_buffers or fixed_statistics without track_running_stats

    Source:
        PyTorch's BatchNorm1d, BatchNorm2d and BatchNorm3d; Ioffe and Szegedy 2015. as_buffers: torchvision's
        FrozenBatchNorm2d. A norm whose weight and bias are parameters that are not trained has `trainable: false`.
        fixed_statistics: PyTorch's module.eval() during training, Keras's call with training=False.
    """

    as_buffers = Boolean(False, help="whether weight, bias and statistics are fixed numbers, none of them a parameter")
    fixed_statistics = Boolean(
        False, help="whether training, too, uses the running statistics and leaves them as they are"
    )

    def check(self) -> None:
        for name in ("as_buffers", "fixed_statistics"):
            if getattr(self, name) and not self.track_running_stats:
                raise LayerError(
                    "contradicting-parameters",
                    f"{name} fixes the running statistics, which track_running_stats leaves out",
                    parameter=name,
                    help="leave one of the two out",
                )

    def terms(self) -> tuple[Term, ...]:
        return () if self.as_buffers else super().terms()

    def buffers(self) -> dict[str, Formula]:
        if not self.as_buffers:
            return super().buffers()
        return {
            **{term.name: term.written for term in super().terms()},
            "running_mean": CHANNELS,
            "running_var": CHANNELS,
        }

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if not (self.type.rank == 1 and len(inputs[0]) == 1):
            self.type.check_rank(inputs[0])
        return inputs[0]


class InstanceNorm(TrackingNorm):
    """Each channel of each sample, normalised over its own positions.

    Example:
        input: [64, 56, 56]
        layers:
          - instance_norm2d

    Shape:
        [C, H, W], kept; instance_norm1d reads [C, L], instance_norm3d [C, D, H, W]

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias
        buffers             2 · in_channels running statistics and 1 counter, where track_running_stats

    Errors:
        wrong-rank          the input has other axes

    Source:
        PyTorch's InstanceNorm1d, InstanceNorm2d and InstanceNorm3d; Ulyanov et al. 2016.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0]


TYPES = {
    **{f"batch_norm{rank}d": LayerType(f"batch_norm{rank}d", BatchNorm, rank) for rank in RANKS},
    **{
        f"instance_norm{rank}d": LayerType(
            f"instance_norm{rank}d", InstanceNorm, rank, affine=False, track_running_stats=False
        )
        for rank in RANKS
    },
}
