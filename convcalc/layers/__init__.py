"""The catalogue of layer types, by family: a family's module is imported when one of its types is first used."""

from __future__ import annotations

from importlib import import_module

from convcalc.layers.base import LayerType

_PER_RANK = ("1d", "2d", "3d")


def _ranked(*stems: str) -> list[str]:
    return [stem + rank for stem in stems for rank in _PER_RANK]


# family module -> the types it defines, in the order of the manual.
FAMILIES: dict[str, list[str]] = {
    "convolution": _ranked("conv", "locally_connected"),
    "transposed_convolution": _ranked("conv_transpose"),
    "pooling": _ranked("max_pool", "avg_pool"),
    "adaptive_pooling": [*_ranked("adaptive_avg_pool", "adaptive_max_pool"), "global_avg_pool", "global_max_pool"],
    "unpooling": _ranked("max_unpool"),
    "subsampling": ["subsample2d"],
    "dense": ["linear", "euclidean_rbf", "embedding"],
    "batch_normalisation": _ranked("batch_norm", "instance_norm"),
    "layer_normalisation": ["group_norm", "layer_norm", "layer_norm2d", "rms_norm"],
    "response_normalisation": ["local_response_norm", "global_response_norm"],
    "activation": [
        "relu", "relu6", "leaky_relu", "rrelu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid",
        "log_sigmoid", "tanh", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink", "tanhshrink",
        "threshold", "softplus", "softsign", "softmax", "softmin", "log_softmax", "softmax2d", "glu",
    ],
    "regularisation": ["dropout", *_ranked("dropout"), "alpha_dropout", "feature_alpha_dropout", "drop_path"],
    "merge": ["add", "sub", "mul", "concat"],
    "products": ["matmul", "scaled_dot_product_attention", "einsum"],
    "arithmetic": [
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sign",
        "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
        "clamp", "scalar", "nan_to_num", "maximum", "minimum", "div", "floor_divide", "remainder", "fmod", "atan2",
        "pow", "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "where", "masked_fill", "lerp",
        "constant",
    ],
    "reductions": [
        "sum", "mean", "max", "min", "prod", "var", "std", "norm", "logsumexp", "cumsum", "cumprod", "cummax",
        "cummin", "normalize", "topk",
    ],
    "rearranging": ["transpose", "roll", "flip", "stack"],
    "repeating": ["expand", "tile", "repeat_interleave"],
    "selecting": ["select", "split", "index_select", "gather"],
    "reshaping": ["flatten", "unflatten", "reshape", "permute", "squeeze", "unsqueeze", "identity"],
    "slicing": ["slice", "chunk", "crop", "center_crop", "pad"],
    "scattering": ["slice_scatter", "select_scatter"],
    "interpolation": ["upsample"],
    "shuffling": ["pixel_shuffle", "pixel_unshuffle", "channel_shuffle"],
    "attention": ["multihead_attention"],
    "window_attention": ["window_attention", "window_attention_v2", "grid_attention"],
    "recurrent": ["lstm", "gru", "rnn"],
    "fixed_kernels": ["blur_pool1d", "blur_pool2d"],
    "given_weights": [*_ranked("dynamic_conv", "cond_conv"), "involution"],
    "deformable": _ranked("deform_conv"),
    "convolutional_recurrent": _ranked("conv_lstm", "conv_gru"),
    "lookups": ["embedding_bag"],
    "state_space": ["selective_scan"],
    "patches": ["unfold", "fold"],
    "sampling": ["grid_sample", "affine_grid"],
    "fourier": ["fft", "ifft", "rfft", "irfft"],
    "learned_tensors": ["class_token", "positional_embedding", "parameter", "layer_scale"],
}  # fmt: skip

# A block or custom type of a spec may have the name of a type of these families. The name then means the spec's own
# type, so that a spec that is older than a family keeps its meaning.
_MAY_BE_REDEFINED = frozenset((
    "unpooling", "products", "arithmetic", "reductions", "rearranging", "repeating", "selecting", "fixed_kernels",
    "given_weights", "deformable", "convolutional_recurrent", "lookups", "state_space", "patches", "sampling",
    "fourier", "scattering",
))  # fmt: skip
_family_of: dict[str, str] = {name: family for family, names in FAMILIES.items() for name in names}
_found: dict[str, LayerType] = {}


def names() -> list[str]:
    """Every layer type of the catalogue."""
    return list(_family_of)


def family(name: str) -> str | None:
    """The module of a layer type of the catalogue; None for any other type."""
    return _family_of.get(name)


def is_reserved(name: str) -> bool:
    """Whether no block or custom type may have this name."""
    return name in _family_of and _family_of[name] not in _MAY_BE_REDEFINED


def find(name: str) -> LayerType | None:
    """The layer type of that name, or None; imports its family on first use."""
    found = _found.get(name)
    if found is None and name in _family_of:
        types: dict[str, LayerType] = import_module(f"convcalc.layers.{_family_of[name]}").TYPES
        _found.update(types)
        found = types[name]
    return found
