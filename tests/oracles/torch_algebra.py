"""Products of inputs, reductions, arithmetic on elements, and elements moved, repeated and chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, batched_axis

builds = Register()

_normalize: Any = torch.nn.functional.normalize  # its hints know one axis only

Forward = Callable[..., torch.Tensor]


def of_one_sample(function: Forward) -> Forward:
    """`function` on tensors without their batch axis: a layer speaks of one sample."""
    return lambda *tensors: function(*(tensor[0] for tensor in tensors)).unsqueeze(0)


@builds("matmul")
def matmul(call: LayerCall) -> TorchLayer:
    if min(map(len, call.input_shapes)) < 2:
        raise ValueError("matmul reads matrices; a vector would be one here only by chance")
    return TorchLayer(of_one_sample(torch.matmul))


@builds("einsum")
def einsum(call: LayerCall) -> TorchLayer:
    equation = call.require("equation")

    def forward(*tensors: torch.Tensor) -> torch.Tensor:
        output = torch.einsum(equation, *tensors)
        if not output.dim():
            raise ValueError("a number without an axis")
        return output

    return TorchLayer(of_one_sample(forward))


@builds("scaled_dot_product_attention")
def attention(call: LayerCall) -> TorchLayer:
    """Written out: PyTorch's fused kernels on the CPU count no operations, and broadcast less than they say."""
    causal, shared = call.take("causal", False), call.take("enable_gqa", False)
    call.take("dropout", 0.0)

    def forward(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *mask: torch.Tensor) -> torch.Tensor:
        if shared:
            times = query.shape[-3] // key.shape[-3], query.shape[-3] // value.shape[-3]
            if times[0] * key.shape[-3] != query.shape[-3] or times[1] * value.shape[-3] != query.shape[-3]:
                raise ValueError("heads are not shared evenly")
            key, value = key.repeat_interleave(times[0], -3), value.repeat_interleave(times[1], -3)
        scores = query @ key.transpose(-2, -1)
        for each in mask:
            if (scores + each).shape != scores.shape:
                raise ValueError("the mask is larger than the scores")
            scores = scores + each
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), float("-inf"))
        return scores.softmax(-1) @ value

    return TorchLayer(of_one_sample(forward))


_REDUCTIONS: dict[str, Callable[..., torch.Tensor]] = {
    "sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin, "logsumexp": torch.logsumexp,
    "var": torch.var, "std": torch.std, "norm": lambda tensor, p=2, **axes: torch.linalg.vector_norm(tensor, p, **axes),
}  # fmt: skip


def _axes(call: LayerCall, value: Any) -> tuple[int, ...]:
    """Axes of one sample; all of them where there is no value."""
    rank = len(call.shape)
    chosen = range(rank) if value is None else [value] if isinstance(value, int) else value
    return tuple(batched_axis(axis, rank) - 1 for axis in chosen)


@builds(*_REDUCTIONS)
def reduction(call: LayerCall) -> TorchLayer:
    function, axes, keepdim = _REDUCTIONS[call.kind], _axes(call, call.take("axis", None)), call.take("keepdim", False)
    settings = {name: call.take(name, None) for name in ("p", "correction")}
    settings = {name: value for name, value in settings.items() if value is not None}
    if len(set(axes)) == len(call.shape) and not keepdim:
        raise ValueError("a number without an axis")
    return TorchLayer(of_one_sample(lambda tensor: function(tensor, dim=axes, keepdim=keepdim, **settings)))


@builds("prod")
def product(call: LayerCall) -> TorchLayer:
    """PyTorch multiplies along one axis at a time."""
    axes, keepdim = _axes(call, call.take("axis", None)), call.take("keepdim", False)
    if len(set(axes)) < len(axes) or (len(axes) == len(call.shape) and not keepdim):
        raise ValueError("an axis twice, or a number without an axis")

    def forward(tensor: torch.Tensor) -> torch.Tensor:
        for axis in sorted(axes, reverse=True):
            tensor = tensor.prod(axis, keepdim=keepdim)
        return tensor

    return TorchLayer(of_one_sample(forward))


_ALONG = {
    "cumsum": lambda tensor, axis: torch.cumsum(tensor, axis),
    "cumprod": lambda tensor, axis: torch.cumprod(tensor, axis),
    "cummax": lambda tensor, axis: torch.cummax(tensor, axis).values,
    "cummin": lambda tensor, axis: torch.cummin(tensor, axis).values,
}


@builds(*_ALONG)
def cumulation(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.require("axis"), len(call.shape))
    return TorchLayer(lambda tensor: _ALONG[call.kind](tensor, axis))


@builds("normalize")
def normalize(call: LayerCall) -> TorchLayer:
    axes = _axes(call, call.take("axis", 0))
    settings = call.arguments(_normalize)
    return TorchLayer(of_one_sample(lambda tensor: _normalize(tensor, dim=axes, **settings)))


@builds("topk")
def topk(call: LayerCall) -> TorchLayer:
    axis, k = batched_axis(call.take("axis", -1), len(call.shape)), call.positive("k")
    return TorchLayer(lambda tensor: torch.topk(tensor, k, axis).values)


@builds(
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
    "nan_to_num", "clamp",
)  # fmt: skip
def function(call: LayerCall) -> TorchLayer:
    function = getattr(torch, call.kind)
    settings = {name: call.take(name, None) for name in ("min", "max", "nan")}
    settings = {name: value for name, value in settings.items() if value is not None}
    if call.kind == "clamp":
        if len(settings) == 2 and settings["min"] > settings["max"]:
            raise ValueError("bounds in the wrong order")
        settings = settings or {"min": float("-inf")}
    return TorchLayer(lambda tensor: function(tensor, **settings))


@builds("scalar")
def scalar(call: LayerCall) -> TorchLayer:
    factor, term = call.take("multiply", 1.0), call.take("add", 0.0)
    return TorchLayer(lambda tensor: tensor * factor + term)


_PAIRS = (
    "div", "floor_divide", "remainder", "fmod", "atan2", "eq", "ne", "lt", "le", "gt", "ge", "logical_and",
    "logical_or", "maximum", "minimum",
)  # fmt: skip


@builds(*_PAIRS)
def operation(call: LayerCall) -> TorchLayer:
    function = getattr(torch, call.kind)

    def forward(first: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        for other in others:
            first = function(first, other)
        return first

    return TorchLayer(of_one_sample(forward))


@builds("masked_fill")
def masked_fill(call: LayerCall) -> TorchLayer:
    return TorchLayer(of_one_sample(lambda tensor, mask: torch.where(mask > 0, 0.0, tensor)))


@builds("where", "lerp")
def choice(call: LayerCall) -> TorchLayer:
    if call.kind == "where":
        return TorchLayer(of_one_sample(lambda condition, one, other: torch.where(condition > 0, one, other)))
    return TorchLayer(of_one_sample(torch.lerp))


@builds("pow")
def power(call: LayerCall) -> TorchLayer:
    exponent = call.take("exponent", None)
    if (exponent is None) == (len(call.input_shapes) == 1):
        raise ValueError("an exponent, or a second input")
    return TorchLayer(of_one_sample(lambda base, *others: torch.pow(base, others[0] if others else exponent)))


@builds("constant")
def constant(call: LayerCall) -> TorchLayer:
    tensor = torch.zeros(1, *call.require("shape"))
    return TorchLayer(lambda *_inputs: tensor, (), (tensor,) if call.take("buffer", True) else ())


@builds("transpose")
def transpose(call: LayerCall) -> TorchLayer:
    one, other = (batched_axis(axis, len(call.shape)) for axis in call.require("axes"))
    return TorchLayer(lambda tensor: tensor.transpose(one, other))


@builds("expand")
def expand(call: LayerCall) -> TorchLayer:
    shape = call.require("shape")
    return TorchLayer(of_one_sample(lambda tensor: tensor.expand(*shape)))


@builds("tile")
def tile(call: LayerCall) -> TorchLayer:
    repeats = call.require("repeats")
    return TorchLayer(of_one_sample(lambda tensor: tensor.tile(repeats)))


@builds("repeat_interleave")
def repeat_interleave(call: LayerCall) -> TorchLayer:
    repeats, axis = call.positive("repeats"), batched_axis(call.require("axis"), len(call.shape))
    return TorchLayer(lambda tensor: tensor.repeat_interleave(repeats, axis))


@builds("roll")
def roll(call: LayerCall) -> TorchLayer:
    shifts, axes = call.require("shifts"), [batched_axis(axis, len(call.shape)) for axis in call.require("axes")]
    if len(shifts) != len(axes):
        raise ValueError("a shift for each axis")
    return TorchLayer(lambda tensor: tensor.roll(shifts, axes))


@builds("flip")
def flip(call: LayerCall) -> TorchLayer:
    axes = {batched_axis(axis, len(call.shape)) for axis in call.require("axes")}
    return TorchLayer(lambda tensor: tensor.flip(sorted(axes)))


@builds("stack")
def stack(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.take("axis", 0), len(call.shape) + 1)
    return TorchLayer(lambda *tensors: torch.stack(tensors, axis))


@builds("select")
def select(call: LayerCall) -> TorchLayer:
    axis, index = batched_axis(call.take("axis", 0), len(call.shape)), call.require("index")
    if len(call.shape) == 1:
        raise ValueError("a number without an axis")
    return TorchLayer(lambda tensor: tensor.select(axis, index))


@builds("split")
def split(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    sizes, index = call.require("sizes"), call.require("index")
    return TorchLayer(lambda tensor: torch.split(tensor, sizes[0] if len(sizes) == 1 else sizes, axis)[index])


@builds("index_select")
def index_select(call: LayerCall) -> TorchLayer:
    before = (slice(None),) * batched_axis(call.take("axis", 0), len(call.shape))
    if len(call.input_shapes) == 2:
        if call.take("indices", None) is not None:
            raise ValueError("indices twice")
        return TorchLayer(lambda tensor, index: tensor[(*before, index[0].long())])
    indices = call.require("indices")
    return TorchLayer(lambda tensor: tensor[(*before, torch.tensor(indices))])


@builds("gather")
def gather(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.require("axis"), len(call.shape))
    return TorchLayer(lambda table, index: torch.gather(table, axis, index.long()))
