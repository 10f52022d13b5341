"""Groups of layer types that tools count in the same way.

The groups have only measured types: a new type of the catalogue has no rule until its figures are compared with those
of the tools.
"""

from __future__ import annotations


def ranked(*stems: str) -> tuple[str, ...]:
    """
    >>> ranked("conv")
    ('conv1d', 'conv2d', 'conv3d')
    """
    return tuple(f"{stem}{rank}d" for stem in stems for rank in (1, 2, 3))


CONVOLUTIONS = ranked("conv")
TRANSPOSED = ranked("conv_transpose")
LINEAR = ("linear",)
WEIGHTED = (*CONVOLUTIONS, *TRANSPOSED, *LINEAR)

BATCH_NORMS = ranked("batch_norm")
INSTANCE_NORMS = ranked("instance_norm")
# Norms that use the statistics of the sample itself, also with running statistics.
SAMPLE_NORMS = (*INSTANCE_NORMS, "group_norm", "layer_norm", "layer_norm2d")
SCALES = (*BATCH_NORMS, *SAMPLE_NORMS, "rms_norm", "prelu", "embedding")
WITH_PARAMETERS = (*WEIGHTED, *SCALES)

AVERAGE_POOLS = ranked("avg_pool")
AVERAGES_TO_SIZE = (*ranked("adaptive_avg_pool"), "global_avg_pool")
POOLS = (*ranked("max_pool", "adaptive_max_pool"), *AVERAGE_POOLS, *AVERAGES_TO_SIZE, "global_max_pool")

UPSAMPLES = tuple(f"upsample:{mode}" for mode in ("nearest", "linear", "bilinear", "trilinear", "bicubic"))

# Without parameters; most tools count no operations.
REST = (
    *POOLS, *UPSAMPLES, "local_response_norm",
    "relu", "relu6", "leaky_relu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid", "log_sigmoid",
    "tanh", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink", "tanhshrink", "threshold", "softplus",
    "softsign", "softmax", "softmin", "log_softmax", "softmax2d", "glu",
    "dropout", *ranked("dropout"), "alpha_dropout", "feature_alpha_dropout", "drop_path",
    "add", "sub", "mul", "concat",
    "flatten", "unflatten", "reshape", "permute", "squeeze", "unsqueeze", "identity",
    "slice", "chunk", "crop", "center_crop", "pad",
    "pixel_shuffle", "pixel_unshuffle", "channel_shuffle",
)  # fmt: skip
