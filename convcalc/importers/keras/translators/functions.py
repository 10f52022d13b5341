"""Which operator a layer is that holds the call of a function."""

from __future__ import annotations

from convcalc.importers.keras.model import Layer

OPERATOR_PACKAGES = ("keras.src.ops.", "keras.ops")
OLD = frozenset(("TFOpLambda", "SlicingOpLambda"))
# The function of TensorFlow -> the operator of Keras 3.
FUNCTIONS = {
    "math.add": "Add", "__operators__.add": "Add", "add": "Add", "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.divide": "Divide", "math.truediv": "Divide", "realdiv": "Divide", "math.maximum": "Maximum",
    "math.minimum": "Minimum", "math.pow": "Power", "math.reduce_mean": "Mean", "math.reduce_sum": "Sum",
    "math.reduce_max": "Max", "math.reduce_min": "Min", "math.reduce_prod": "Prod", "math.reduce_std": "Std",
    "math.reduce_variance": "Var", "concat": "Concatenate", "stack": "Stack", "reshape": "Reshape",
    "transpose": "Transpose", "compat.v1.transpose": "Transpose", "expand_dims": "ExpandDims", "squeeze": "Squeeze",
    "compat.v1.squeeze": "Squeeze", "split": "Split", "linalg.matmul": "Matmul", "einsum": "Einsum", "pad": "Pad",
    "compat.v1.pad": "Pad", "clip_by_value": "Clip", "cast": "Cast", "identity": "Identity",
    "stop_gradient": "StopGradient", "math.l2_normalize": "Normalize", "image.resize": "Resize", "where": "Where",
    "compat.v1.where": "Where", "__operators__.getitem": "GetItem", "nn.softmax": "Softmax",
    "nn.log_softmax": "LogSoftmax", "nn.relu": "Relu", "nn.relu6": "Relu6", "nn.silu": "Silu", "nn.swish": "Silu",
    "nn.gelu": "Gelu", "nn.elu": "Elu", "nn.selu": "Selu", "nn.leaky_relu": "LeakyRelu", "math.sigmoid": "Sigmoid",
    "nn.sigmoid": "Sigmoid", "math.tanh": "Tanh", "nn.tanh": "Tanh", "math.softplus": "Softplus",
    "nn.softplus": "Softplus", "math.softsign": "Softsign", "math.exp": "Exp", "math.log": "Log", "math.sqrt": "Sqrt",
    "math.rsqrt": "Rsqrt", "math.square": "Square", "math.abs": "Absolute", "math.negative": "Negative",
    "math.sin": "Sin", "math.cos": "Cos", "math.erf": "Erf", "math.sign": "Sign", "math.floor": "Floor",
    "math.ceil": "Ceil", "math.round": "Round", "math.reciprocal": "Reciprocal", "math.log1p": "Log1p",
}  # fmt: skip


def operator_of(layer: Layer) -> str | None:
    """The operator that a layer is; None where it is a layer like others."""
    if layer.module.startswith(OPERATOR_PACKAGES):
        return layer.kind
    if layer.kind in OLD:
        function = layer.config.get("function")
        function = function if isinstance(function, str) else ""
        return FUNCTIONS.get(function, function)
    return None
