"""Normalisation."""

from __future__ import annotations

from convcalc.exporters.keras.layers.convolution import frozen
from convcalc.exporters.keras.layers.register import Placed, Register, chain, function, layer
from convcalc.exporters.python.code import Argument, Call, Code, given, keyword
from convcalc.exporters.register import Unsupported, ranks

rules = Register()


def _scales(placed: Placed) -> list[Argument]:
    own = placed.layer
    return [
        Argument(own.affine and own.bias, "center", True),
        keyword("scale", own.affine, True, "affine"),
        *frozen(placed),
    ]


@rules(*ranks("batch_norm"))
def batch_norm(placed: Placed) -> Code:
    own = placed.layer
    if own.as_buffers:
        raise Unsupported("Keras counts the scale and the shift of a batch norm among the parameters (as_buffers)")
    if not own.track_running_stats:
        raise Unsupported("Keras has no batch norm without moving statistics (track_running_stats)")
    if own.momentum is None:
        raise Unsupported("Keras has no mean over all batches (momentum)")
    call = Call(
        "layers.BatchNormalization",
        (
            Argument(placed.channels, "axis", -1),
            Argument(round(1 - own.momentum, 12), "momentum", 0.99),
            Argument(own.eps, "epsilon", 0.001),
            *_scales(placed),
        ),
    )
    return Code("{0}, training=False" if own.fixed_statistics else "{0}", call)


@rules(*ranks("instance_norm"), "group_norm")
def group_norm(placed: Placed) -> Code:
    own = placed.layer
    if placed.type != "group_norm" and own.track_running_stats:
        raise Unsupported("Keras has no instance norm with moving statistics (track_running_stats)")
    groups = given(own.num_groups, "num_groups") if placed.type == "group_norm" else Argument(-1)
    return layer(
        "GroupNormalization", groups, Argument(placed.channels, "axis", -1), Argument(own.eps, "epsilon", 0.001),
        *_scales(placed),
    )  # fmt: skip


@rules("layer_norm")
def layer_norm(placed: Placed) -> Code:
    own = placed.layer
    count = 1 if own.normalized_shape is None else len(own.normalized_shape)
    axes = -1 if count == 1 else list(range(-count, 0))
    return layer(
        "LayerNormalization", Argument(axes, "axis", -1), Argument(own.eps, "epsilon", 0.001), *_scales(placed)
    )


@rules("layer_norm2d")
def layer_norm2d(placed: Placed) -> Code:
    """Over the channels, which are last for it: not every backend of Keras has it on another axis."""
    norm = Call("layers.LayerNormalization", (Argument(placed.layer.eps, "epsilon", 0.001), *_scales(placed)))
    if not placed.is_first:
        return chain(("", norm))
    last, first = (tuple(axes) for axes in ((*range(2, placed.rank + 1), 1), (placed.rank, *range(1, placed.rank))))
    permute = "layers.Permute"
    return chain(
        ("permute", Call(permute, (Argument(last),))), ("", norm), ("restore", Call(permute, (Argument(first),)))
    )


@rules("rms_norm")
def rms_norm(placed: Placed) -> Code:
    own = placed.layer
    if not own.affine:
        raise Unsupported("Keras has no RMS norm without a scale (affine)")
    count = 1 if own.normalized_shape is None else len(own.normalized_shape)
    axes = -1 if count == 1 else list(range(-count, 0))
    eps = 2.0**-23 if own.eps is None else own.eps  # PyTorch's is the epsilon of its type of numbers
    return layer("RMSNormalization", Argument(axes, "axis", -1), Argument(eps, "epsilon", 1e-6), *frozen(placed))


@rules("local_response_norm")
def local_response_norm(placed: Placed) -> Code:
    own = placed.layer
    arguments = (
        given(own.size, "size"),
        keyword("alpha", own.alpha, 1e-4),
        keyword("beta", own.beta, 0.75),
        keyword("k", own.k, 1.0),
        Argument(placed.channels, "axis", -1),
    )
    return Code("{0}", Call("LocalResponseNorm", arguments), helpers=("local_response_norm",))


@rules("global_response_norm")
def global_response_norm(placed: Placed) -> Code:
    arguments = (keyword("epsilon", placed.layer.eps, 1e-6), Argument(placed.channels, "axis", -1), *frozen(placed))
    return Code("{0}", Call("GlobalResponseNorm", arguments), helpers=("global_response_norm",))


@rules("normalize")
def normalize(placed: Placed) -> Code:
    own = placed.layer
    if isinstance(own.axis, int):
        text = "ops.normalize({0}, axis={axis}, order={order}, epsilon={eps})"
        return function(text, axis=placed.axis(own.axis), order=own.p, eps=own.eps)
    if own.p != 2:
        raise Unsupported("Keras normalises by the sum of squares over several axes")
    axes = tuple(sorted(placed.place(axis) for axis in own.axis))
    norm = "ops.sqrt(ops.sum(ops.square({0}), axis={axes}, keepdims=True))"
    return function(f"{{0}} / ops.maximum({norm}, {{eps}})", axes=axes, eps=own.eps)
