"""Activations and regularisation."""

from __future__ import annotations

from convcalc.exporters.python.code import Argument, Call, Code, batched, given, keyword
from convcalc.exporters.pytorch.layers.register import Placed, Register

rules = Register()

_CLASSES = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "rrelu": "RReLU", "elu": "ELU", "selu": "SELU",
    "celu": "CELU", "gelu": "GELU", "silu": "SiLU", "mish": "Mish", "sigmoid": "Sigmoid", "log_sigmoid": "LogSigmoid",
    "tanh": "Tanh", "hardswish": "Hardswish", "hardsigmoid": "Hardsigmoid", "hardtanh": "Hardtanh",
    "hardshrink": "Hardshrink", "softshrink": "Softshrink", "tanhshrink": "Tanhshrink", "threshold": "Threshold",
    "softplus": "Softplus", "softsign": "Softsign", "softmax2d": "Softmax2d",
}  # fmt: skip
_FUNCTIONS = {"sigmoid": "torch.sigmoid", "tanh": "torch.tanh", "log_sigmoid": "F.logsigmoid", "softmax2d": ""}
_DROPOUTS = {
    "dropout": "Dropout", "dropout1d": "Dropout1d", "dropout2d": "Dropout2d", "dropout3d": "Dropout3d",
    "alpha_dropout": "AlphaDropout", "feature_alpha_dropout": "FeatureAlphaDropout",
}  # fmt: skip


@rules(*_CLASSES)
def activation(placed: Placed) -> Code:
    layer = placed.layer
    defaults = {name: layer.parameters[name].default for name in layer.parameters if name != "leading_axes"}
    if placed.type == "threshold":
        arguments = tuple(given(getattr(layer, name), name) for name in ("threshold", "value"))
    else:
        arguments = tuple(keyword(name, getattr(layer, name), default) for name, default in defaults.items())
    function = _FUNCTIONS.get(placed.type, f"F.{placed.type}")
    is_usual = all(argument.value == argument.default for argument in arguments)
    call = Call(f"nn.{_CLASSES[placed.type]}", arguments)
    return Code(module=call, function=f"{function}({{0}})" if function and is_usual else "")


@rules("prelu")
def prelu(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (keyword("num_parameters", layer.num_parameters, 1), keyword("init", layer.init, 0.25))
    return Code(module=Call("nn.PReLU", arguments))


@rules("softmax", "softmin", "log_softmax", "glu")
def along_axis(placed: Placed) -> Code:
    names = {"softmax": "Softmax", "softmin": "Softmin", "log_softmax": "LogSoftmax", "glu": "GLU"}
    axis = batched(placed.layer.axis, placed.rank)
    call = Call(f"nn.{names[placed.type]}", (Argument(axis, "dim"),))
    return Code(module=call, function=f"F.{placed.type}({{0}}, dim={{axis}})", values={"axis": axis})


@rules(*_DROPOUTS)
def dropout(placed: Placed) -> Code:
    return Code(module=Call(f"nn.{_DROPOUTS[placed.type]}", (keyword("p", placed.layer.p, 0.5),)))


@rules("drop_path")
def drop_path(placed: Placed) -> Code:
    return Code(module=Call("DropPath", (given(placed.layer.p, "p"),)), helpers=("drop_path",))


@rules("identity")
def identity(placed: Placed) -> Code:
    return Code(module=Call("nn.Identity"))
