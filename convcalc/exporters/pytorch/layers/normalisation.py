"""Normalisation."""

from __future__ import annotations

from convcalc.exporters.python.code import Argument, Call, Code, given, keyword, size
from convcalc.exporters.pytorch.layers.register import Placed, Register, class_name
from convcalc.exporters.register import Unsupported, ranks

rules = Register()


@rules(*ranks("batch_norm"), *ranks("instance_norm"))
def tracking_norm(placed: Placed) -> Code:
    layer, is_batch = placed.layer, placed.type.startswith("batch")
    if getattr(layer, "as_buffers", False):
        if not (layer.affine and layer.bias):
            raise Unsupported("frozen statistics without weight and bias")
        call = Call("FrozenBatchNorm", (size(0, 0, placed.shape[0]), keyword("eps", layer.eps, 1e-5)))
        return Code(module=call, helpers=("frozen_batch_norm",))
    arguments = (
        size(0, 0, placed.shape[0]),
        keyword("eps", layer.eps, 1e-5),
        keyword("momentum", layer.momentum, 0.1),
        keyword("affine", layer.affine, is_batch),
        keyword("track_running_stats", layer.track_running_stats, is_batch),
        keyword("bias", layer.bias or not layer.affine, True),
    )
    return Code(module=Call(class_name(placed.type), arguments))


@rules("group_norm")
def group_norm(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (
        given(layer.num_groups, "num_groups"),
        size(0, 0, placed.shape[0]),
        keyword("eps", layer.eps, 1e-5),
        keyword("affine", layer.affine, True),
        keyword("bias", layer.bias or not layer.affine, True),
    )
    return Code(module=Call("nn.GroupNorm", arguments))


@rules("layer_norm", "rms_norm")
def trailing_norm(placed: Placed) -> Code:
    layer = placed.layer
    shape = layer.normalized_shape
    axes = 1 if shape is None else len(shape)
    sizes = placed.shape[-axes:]
    first = size(0, -1, sizes[0]) if axes == 1 else Argument(tuple(sizes))
    affine = keyword("elementwise_affine", layer.affine, True)
    if placed.type == "rms_norm":
        return Code(module=Call("nn.RMSNorm", (first, keyword("eps", layer.eps, None), affine)))
    bias = keyword("bias", layer.bias or not layer.affine, True)
    return Code(module=Call("nn.LayerNorm", (first, keyword("eps", layer.eps, 1e-5), affine, bias)))


@rules("layer_norm2d")
def layer_norm2d(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (
        size(0, 0, placed.shape[0]),
        keyword("eps", layer.eps, 1e-5),
        keyword("elementwise_affine", layer.affine, True),
        keyword("bias", layer.bias or not layer.affine, True),
    )
    return Code(module=Call("LayerNorm2d", arguments), helpers=("layer_norm2d",))


@rules("local_response_norm")
def local_response_norm(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (
        given(layer.size, "size"),
        keyword("alpha", layer.alpha, 1e-4),
        keyword("beta", layer.beta, 0.75),
        keyword("k", layer.k, 1.0),
    )
    return Code(module=Call("nn.LocalResponseNorm", arguments))


@rules("global_response_norm")
def global_response_norm(placed: Placed) -> Code:
    arguments = (size(0, 0, placed.shape[0]), keyword("eps", placed.layer.eps, 1e-6))
    return Code(module=Call("GlobalResponseNorm", arguments), helpers=("global_response_norm",))
