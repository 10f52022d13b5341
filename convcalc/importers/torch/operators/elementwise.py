"""Functions of each element by itself: activations, roots, and what changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.importers.torch.call import Call

# The functions whose name is that of the layer type, and that have no parameters.
SAME_NAME = (
    "relu", "relu6", "selu", "silu", "mish", "sigmoid", "tanh", "hardswish", "hardsigmoid", "tanhshrink", "softsign",
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
)  # fmt: skip
OTHER_NAMES = {
    "logsigmoid": "log_sigmoid", "log_sigmoid": "log_sigmoid", "negative": "neg", "absolute": "abs", "sgn": "sign",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "special_expm1": "expm1", "special_erf": "erf",
    "bitwise_not": "logical_not", "special_expit": "sigmoid", "trunc": "floor",
}  # fmt: skip
# The parameters of the type, each with the names that it has in PyTorch, for functions that have some.
WITH_PARAMETERS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "leaky_relu": ("leaky_relu", {"negative_slope": ("negative_slope",)}),
    "elu": ("elu", {"alpha": ("alpha",)}),
    "celu": ("celu", {"alpha": ("alpha",)}),
    "gelu": ("gelu", {"approximate": ("approximate",)}),
    "hardshrink": ("hardshrink", {"lambd": ("lambd",)}),
    "softshrink": ("softshrink", {"lambd": ("lambd",)}),
    "threshold": ("threshold", {"threshold": ("threshold",), "value": ("value",)}),
    "softplus": ("softplus", {"beta": ("beta",), "threshold": ("threshold",)}),
    "rrelu": ("rrelu", {"lower": ("lower",), "upper": ("upper",)}),
    "clamp_min": ("clamp", {"min": ("min",)}),
    "clamp_max": ("clamp", {"max": ("max",)}),
    "nan_to_num": ("nan_to_num", {"nan": ("nan",)}),
}
# What gives its input, for inference.
NOTHING = (
    "contiguous", "clone", "detach", "to", "_to_copy", "type_as", "float", "half", "double", "bfloat16", "long", "int",
    "bool", "type", "cuda", "cpu", "lift_fresh_copy", "lift_fresh", "alias", "identity", "requires_grad",
    "requires_grad_", "_assert_tensor_metadata", "positive", "set_", "data", "real", "_conj", "resolve_conj",
    "resolve_neg", "_autocast_to_full_precision",
)  # fmt: skip
DROPOUTS = {
    "dropout": "dropout", "dropout1d": "dropout1d", "dropout2d": "dropout2d", "dropout3d": "dropout3d",
    "alpha_dropout": "alpha_dropout", "feature_alpha_dropout": "feature_alpha_dropout",
    "feature_dropout": "dropout2d", "native_dropout": "dropout",
}  # fmt: skip


def _plain(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        call.give(type, [call.input], call.input.batch)

    return handle


def _with_parameters(type: str, names: dict[str, tuple[str, ...]]) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        values = {name: call.get(*others) for name, others in names.items()}
        call.give(type, [call.input], call.input.batch, values)

    return handle


def _nothing(call: Call) -> None:
    call.same(call.input)


def _hardtanh(call: Call) -> None:
    low, high = call.get("min_val", default=-1), call.get("max_val", default=1)
    if (low, high) == (0, 6):
        call.give("relu6", [call.input], call.input.batch)
    else:
        call.give("hardtanh", [call.input], call.input.batch, {"min_val": float(low), "max_val": float(high)})


def _along_axis(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        value = call.input
        axis = call.get("dim", default=-1)
        if value.is_batch(axis):
            value = call.unbatched(value)
        call.give(type, [value], value.batch, {"axis": _from_the_end(axis, value.axis(axis), value.rank)})

    return handle


def _from_the_end(written: int, axis: int, rank: int) -> int:
    return -1 if written in (-1, rank - 1) and rank > 2 else axis


def _prelu(call: Call) -> None:
    value, weight = call.rooted(call.input), call.value("weight")
    if weight.tensor is None:
        raise ValueError("slopes that are computed")
    leading = 1 if value.batch is None and value.rank > 1 else 0
    parameters = {"num_parameters": weight.shape[0] if weight.shape else 1, "leading_axes": leading}
    call.give("prelu", [value], value.batch, parameters, tensors={"weight": weight.tensor})


def _dropout(call: Call) -> None:
    """A layer where the source has it as a module; a function in inference gives its input."""
    frames = call.node.frames
    kind = frames[-1].kind.rpartition(".")[2] if frames else ""
    if "Dropout" not in kind:
        call.same(call.input)
        return
    type = DROPOUTS.get(call.node.operator, "dropout")
    named = {"Dropout1d": "dropout1d", "Dropout2d": "dropout2d", "Dropout3d": "dropout3d",
             "AlphaDropout": "alpha_dropout", "FeatureAlphaDropout": "feature_alpha_dropout"}  # fmt: skip
    type = named.get(kind, type)
    value = call.input
    parameters = {"p": float(call.get("p", default=0.5))}
    if type in ("dropout1d", "dropout2d", "dropout3d"):
        value = call.rooted(value)
        parameters["leading_axes"] = 1 if value.batch is None else 0
    call.give(type, [value], value.batch, parameters)


HANDLERS: dict[str, Callable[[Call], None]] = {
    **{name: _plain(name) for name in SAME_NAME},
    **{name: _plain(type) for name, type in OTHER_NAMES.items()},
    **{name: _with_parameters(type, names) for name, (type, names) in WITH_PARAMETERS.items()},
    **dict.fromkeys(NOTHING, _nothing),
    **dict.fromkeys(DROPOUTS, _dropout),
    "hardtanh": _hardtanh,
    "softmax": _along_axis("softmax"),
    "_softmax": _along_axis("softmax"),
    "_safe_softmax": _along_axis("softmax"),
    "softmin": _along_axis("softmin"),
    "log_softmax": _along_axis("log_softmax"),
    "glu": _along_axis("glu"),
    "prelu": _prelu,
}
