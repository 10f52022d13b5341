"""Layers that keep the shape, or nearly: dense layers, normalisation, activations, regularisation."""

from __future__ import annotations

import inspect
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, batched_axis, ranks, torch_class

builds = Register()

# fmt: off
ACTIVATIONS = (
    "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
    "log_sigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu", "softplus",
    "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
)
# fmt: on
AXIS_ACTIVATIONS = ("glu", "log_softmax", "softmax", "softmin")
DROPOUTS = ("dropout", *ranks("dropout"), "alpha_dropout")


@builds("embedding")
def embedding(call: LayerCall) -> TorchLayer:
    table = torch.nn.Embedding(call.positive("num_embeddings"), call.positive("embedding_dim"))
    return TorchLayer.of(table, lambda tokens: table(tokens.long()))


@builds(*ranks("batch_norm"), *ranks("instance_norm"))
def channel_statistics(call: LayerCall) -> TorchLayer:
    if call.kind != "batch_norm1d" or len(call.shape) != 1:
        call.check_rank()
    norm = torch_class(call.kind)
    as_buffers = call.take("as_buffers", False)
    is_fixed = call.take("fixed_statistics", False)
    module = norm(call.shape[0], **call.arguments(norm))
    if (as_buffers or is_fixed) and module.running_mean is None:
        raise ValueError("no statistics to fix")
    if not as_buffers:
        return TorchLayer.of(module.eval() if is_fixed else module)
    fixed = (module.weight, module.bias, module.running_mean, module.running_var)
    module.eval()
    return TorchLayer(module, (), tuple(tensor for tensor in fixed if tensor is not None))


@builds("group_norm")
def group_norm(call: LayerCall) -> TorchLayer:
    groups = call.positive("num_groups")
    return TorchLayer.of(torch.nn.GroupNorm(groups, call.shape[0], **call.arguments(torch.nn.GroupNorm)))


@builds("layer_norm", "rms_norm")
def trailing_norm(call: LayerCall) -> TorchLayer:
    norm = torch.nn.LayerNorm if call.kind == "layer_norm" else torch.nn.RMSNorm
    shape = call.take("normalized_shape", [call.shape[-1]])
    shape = [shape] if isinstance(shape, int) else shape
    if len(shape) > len(call.shape):
        raise ValueError(f"{call.kind}: normalized_shape {shape} has more axes than {call.shape}")
    return TorchLayer.of(norm(shape, **_norm_settings(call, norm)))


@builds("layer_norm2d")
def layer_norm2d(call: LayerCall) -> TorchLayer:
    """Over the channels of an image, as torchvision's LayerNorm2d."""
    call.check_rank()
    norm = torch.nn.LayerNorm(call.shape[0], **_norm_settings(call, torch.nn.LayerNorm))
    return TorchLayer.of(norm, lambda image: norm(image.movedim(1, -1)).movedim(-1, 1))


def _norm_settings(call: LayerCall, norm: Any) -> dict[str, Any]:
    """PyTorch says elementwise_affine where there is no channel axis; specs have `affine` for both."""
    settings = call.arguments(norm)
    if "elementwise_affine" in inspect.signature(norm).parameters:
        settings.setdefault("elementwise_affine", call.take("affine", True))
    return settings


@builds("local_response_norm")
def local_response_norm(call: LayerCall) -> TorchLayer:
    norm = torch.nn.LocalResponseNorm
    return TorchLayer.of(norm(call.positive("size"), **call.arguments(norm)))


@builds("global_response_norm")
def global_response_norm(call: LayerCall) -> TorchLayer:
    """Woo et al. 2023 (ConvNeXt V2), equations 1 to 3, on a channel axis that comes first."""
    call.take("eps", 1e-6)
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    others = [other for other in range(1, len(call.shape) + 1) if other != axis]
    extent = [-1 if other == axis else 1 for other in range(len(call.shape) + 1)]
    gain, shift = (torch.nn.Parameter(torch.zeros(call.shape[axis - 1])) for _ in range(2))

    def forward(image: torch.Tensor) -> torch.Tensor:
        response = image.square().sum(others, keepdim=True).sqrt()
        divided = response / (response.mean(axis, keepdim=True) + 1e-6)
        return gain.view(extent) * (image * divided) + shift.view(extent) + image

    return TorchLayer(forward, (gain, shift))


@builds("layer_scale")
def layer_scale(call: LayerCall) -> TorchLayer:
    call.take("init_value", None)
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    extent = [-1 if other == axis else 1 for other in range(len(call.shape) + 1)]
    gain = torch.nn.Parameter(torch.ones(call.shape[axis - 1]))
    return TorchLayer(lambda values: gain.view(extent) * values, (gain,))


@builds(*ACTIVATIONS)
def activation(call: LayerCall) -> TorchLayer:
    function = torch_class(call.kind)
    return TorchLayer.of(function(**call.arguments(function)))


@builds(*AXIS_ACTIVATIONS)
def axis_activation(call: LayerCall) -> TorchLayer:
    """Without `axis`, over the last for glu and over the channels for the others: the shape is the same."""
    axis = batched_axis(call.take("axis", -1 if call.kind == "glu" else 0), len(call.shape))
    return TorchLayer.of(torch_class(call.kind)(dim=axis))


@builds("softmax2d")
def softmax2d(call: LayerCall) -> TorchLayer:
    if len(call.shape) != 3:
        raise ValueError(f"softmax2d reads channels, height and width, not {call.shape}")
    return TorchLayer.of(torch.nn.Softmax2d())


@builds(*DROPOUTS)
def dropout(call: LayerCall) -> TorchLayer:
    function = torch_class(call.kind)
    return TorchLayer.of(function(**call.arguments(function)))


@builds("drop_path", "identity")
def identity(call: LayerCall) -> TorchLayer:
    """Stochastic depth drops nothing in inference."""
    call.take("p", 0.0)
    return TorchLayer.of(torch.nn.Identity())
