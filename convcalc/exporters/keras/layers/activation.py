"""Activations and regularisation."""

from __future__ import annotations

from convcalc.exporters.keras.layers.register import Placed, Register, function, layer
from convcalc.exporters.python.code import Argument, Code, Name, given, keyword
from convcalc.exporters.register import Unsupported

rules = Register()

# Activations of Keras that compute the same with the defaults of the spec, by the type.
_NAMES = {
    "relu6": "relu6", "selu": "selu", "celu": "celu", "gelu": "gelu", "silu": "silu", "mish": "mish",
    "sigmoid": "sigmoid", "log_sigmoid": "log_sigmoid", "tanh": "tanh", "hardswish": "hard_silu",
    "hardsigmoid": "hard_sigmoid", "hardtanh": "hard_tanh", "hardshrink": "hard_shrink", "softshrink": "soft_shrink",
    "tanhshrink": "tanh_shrink", "softplus": "softplus", "softsign": "softsign",
}  # fmt: skip


@rules("relu")
def relu(placed: Placed) -> Code:
    return layer("ReLU")


@rules(*_NAMES)
def activation(placed: Placed) -> Code:
    own = placed.layer
    changed = {name: getattr(own, name) for name in own.parameters
               if name != "leading_axes" and getattr(own, name) != own.parameters[name].default}  # fmt: skip
    if not changed:
        return layer("Activation", Argument(_NAMES[placed.type]))
    if placed.type == "gelu" and own.approximate == "tanh":
        return function("ops.gelu({0}, approximate=True)")
    if placed.type == "hardtanh":
        return function("ops.clip({0}, {low}, {high})", low=own.min_val, high=own.max_val)
    if placed.type in ("hardshrink", "softshrink"):
        return function(f"ops.{_NAMES[placed.type]}({{0}}, {{threshold}})", threshold=getattr(own, "lambd", 0.5))
    if placed.type == "celu":
        return function("ops.celu({0}, {alpha})", alpha=own.alpha)
    raise Unsupported(f"Keras has no {placed.type} with {next(iter(changed))}")


@rules("leaky_relu")
def leaky_relu(placed: Placed) -> Code:
    return layer("LeakyReLU", keyword("negative_slope", placed.layer.negative_slope))


@rules("elu")
def elu(placed: Placed) -> Code:
    return layer("ELU", keyword("alpha", placed.layer.alpha, 1.0))


@rules("threshold")
def threshold(placed: Placed) -> Code:
    values = {"threshold": placed.layer.threshold, "value": placed.layer.value}
    return function("ops.threshold({0}, {threshold}, {value})", **values)


@rules("prelu")
def prelu(placed: Placed) -> Code:
    own = placed.layer
    axes = [place for place in range(1, placed.rank + 1)
            if own.num_parameters == 1 or place != placed.channels % (placed.rank + 1)]  # fmt: skip
    shared = Argument(tuple(axes) or None, "shared_axes", None)
    return layer("PReLU", Argument(Name(f"initializers.Constant({own.init})"), "alpha_initializer"), shared)


@rules("softmax")
def softmax(placed: Placed) -> Code:
    return layer("Softmax", Argument(placed.axis(placed.layer.axis), "axis", -1))


@rules("softmax2d")
def softmax2d(placed: Placed) -> Code:
    return layer("Softmax", Argument(placed.channels, "axis", -1))


@rules("log_softmax", "glu")
def along_axis(placed: Placed) -> Code:
    return function(f"ops.{placed.type}({{0}}, axis={{axis}})", axis=placed.axis(placed.layer.axis))


@rules("softmin")
def softmin(placed: Placed) -> Code:
    return function("ops.softmax(-{0}, axis={axis})", axis=placed.axis(placed.layer.axis))


@rules("dropout", "alpha_dropout")
def dropout(placed: Placed) -> Code:
    return layer("Dropout" if placed.type == "dropout" else "AlphaDropout", given(placed.layer.p, "p"))


@rules("dropout1d", "dropout2d", "dropout3d")
def spatial_dropout(placed: Placed) -> Code:
    if placed.rank != int(placed.type[-2]) + 1:
        raise Unsupported("Keras reads a map with a batch here")
    if placed.is_first and placed.type == "dropout1d":  # SpatialDropout1D knows channels_last alone
        return layer("Dropout", given(placed.layer.p, "p"), Argument((None, None, 1), "noise_shape"))
    return layer(f"SpatialDropout{placed.type[-2]}D", given(placed.layer.p, "p"))


@rules("drop_path")
def drop_path(placed: Placed) -> Code:
    shape = (None, *(1,) * placed.rank)
    return layer("Dropout", given(placed.layer.p, "p"), Argument(shape, "noise_shape"))


@rules("identity")
def identity(placed: Placed) -> Code:
    return layer("Identity")
