"""Kernels that are fixed or come from another layer, and maps read at places that another layer gives."""

from __future__ import annotations

import math
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_algebra import of_one_sample
from tests.oracles.torch_registry import LayerCall, Register, TorchLayer, batched_axis, per_axis, ranks, torch_class
from tests.oracles.torch_windows import Pairs, Window, explicit_pairs, pad_cells

builds = Register()

functional: Any = torch.nn.functional


@builds("blur_pool1d", "blur_pool2d")
def blur_pool(call: LayerCall) -> TorchLayer:
    """antialiased-cnns: the binomial kernel for each channel, whose paddings differ where it is even."""
    call.check_rank()
    kernel = per_axis(call.take("kernel_size", 3), call.rank)
    stride = per_axis(call.take("stride", 2), call.rank)
    if min(kernel) < 2 or min(stride) < 1:
        raise ValueError(f"{call.kind}: kernel {kernel}, stride {stride}")
    padding = call.take("padding", None)
    usual = [((size - 1) // 2, math.ceil((size - 1) / 2)) for size in kernel]
    pairs = usual if padding is None else explicit_pairs(padding, call.rank)
    mode = call.take("padding_mode", "reflect")
    rows = [torch.tensor([math.comb(size - 1, tap) / 2 ** (size - 1) for tap in range(size)]) for size in kernel]
    window = rows[0] if call.rank == 1 else torch.outer(*rows)
    weights = window.expand(call.shape[0], 1, *kernel).clone()
    convolve = getattr(functional, f"conv{call.rank}d")

    def forward(image: torch.Tensor) -> torch.Tensor:
        padded = pad_cells(image, pairs, "constant" if mode == "zeros" else mode)
        output: torch.Tensor = convolve(padded, weights, stride=stride, groups=call.shape[0])
        return output

    return TorchLayer(forward, (), (weights,))


def _convolve(call: LayerCall, window: Window, pairs: Pairs, groups: int) -> Any:
    """A function of an image, weights and biases."""
    convolve = getattr(functional, f"conv{call.rank}d")
    settings: dict[str, Any] = {"stride": window.stride, "dilation": window.dilation, "groups": groups}
    return lambda image, weights, bias=None: convolve(pad_cells(image, pairs), weights, bias, **settings)


def _groups(call: LayerCall) -> int:
    groups = int(call.take("groups", 1))
    if groups < 1:
        raise ValueError("no group")
    return groups


def _window_of(call: LayerCall, kernel: tuple[int, ...]) -> Window:
    window = Window(kernel, call.per_axis("stride", 1), call.per_axis("dilation", 1))
    if min(*window.kernel, *window.stride, *window.dilation) < 1:
        raise ValueError(f"{call.kind}: {window}")
    return window


@builds(*ranks("dynamic_conv"))
def dynamic_convolution(call: LayerCall) -> TorchLayer:
    call.check_rank()
    weights, *biases = call.input_shapes[1:]
    if len(weights) != call.rank + 2 or (biases and len(biases[0]) != 1):
        raise ValueError("no weights of a convolution")
    window = _window_of(call, weights[2:])
    convolve = _convolve(call, window, window.padding(call), _groups(call))
    return TorchLayer(lambda image, *given: convolve(image, *(tensor[0] for tensor in given)))


@builds(*ranks("cond_conv"))
def cond_convolution(call: LayerCall) -> TorchLayer:
    """timm's CondConv2d: the experts' weights as rows of a matrix, mixed by a product with the routing."""
    window = Window.take(call)
    experts, outputs, groups = call.positive("num_experts"), call.positive("out_channels"), _groups(call)
    if call.input_shapes[1] != (experts,) or call.shape[0] % groups or outputs % groups:
        raise ValueError("the routing, or the groups")
    shape = (outputs, call.shape[0] // groups, *window.kernel)
    weights = torch.nn.Parameter(torch.zeros(experts, math.prod(shape)))
    owned = [weights]
    if call.take("bias", True):
        owned.append(torch.nn.Parameter(torch.zeros(experts, outputs)))
    convolve = _convolve(call, window, window.padding(call), groups)

    def forward(image: torch.Tensor, routing: torch.Tensor) -> torch.Tensor:
        mixed = [torch.matmul(routing, table) for table in owned]
        output: torch.Tensor = convolve(image, mixed[0].reshape(shape), *(bias[0] for bias in mixed[1:]))
        return output

    return TorchLayer(forward, tuple(owned))


@builds("involution")
def involution(call: LayerCall) -> TorchLayer:
    """The unfolded map times the kernels, summed over the window, as in the authors' first version."""
    call.check_rank_is(2)
    kernel = per_axis(call.require("kernel_size"), 2)
    stride, dilation = per_axis(call.take("stride", 1), 2), per_axis(call.take("dilation", 1), 2)
    if min(*kernel, *stride, *dilation) < 1:
        raise ValueError("no window")
    padding, groups = call.take("padding", 0), _groups(call)
    pairs = explicit_pairs(padding, 2)
    channels, cells = call.shape[0], math.prod(kernel)

    def forward(image: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
        padded = pad_cells(image, pairs)
        columns = functional.unfold(padded, kernel, dilation=dilation, stride=stride)
        sizes = [
            (size - spread * (wide - 1) - 1) // step + 1
            for size, wide, step, spread in zip(padded.shape[2:], kernel, stride, dilation, strict=True)
        ]
        if list(kernels.shape[2:]) != sizes:
            raise ValueError("kernels at other positions")
        # A product of matrices for each group and position, [channels, cells] by [cells].
        columns = columns.reshape(groups, channels // groups, cells, -1).permute(0, 3, 1, 2).flatten(0, 1)
        weights = kernels.reshape(groups, cells, -1).permute(0, 2, 1).flatten(0, 1)
        output: torch.Tensor = torch.bmm(columns, weights[..., None])
        return output.reshape(groups, -1, channels // groups).permute(0, 2, 1).reshape(1, channels, *sizes)

    return TorchLayer(forward)


@builds(*ranks("deform_conv"))
def deformable_convolution(call: LayerCall) -> TorchLayer:
    """A regular convolution with the checks of torchvision's deform_conv2d: offsets move taps, and change no figure."""
    window = Window.take(call)
    pairs = window.padding(call)
    groups = _groups(call)
    module = torch_class(f"conv{call.rank}d")(
        call.shape[0], call.positive("out_channels"), window.kernel, stride=window.stride, dilation=window.dilation,
        groups=groups, bias=call.take("bias", True),
    )  # fmt: skip
    taps = math.prod(window.kernel)

    def forward(image: torch.Tensor, offset: torch.Tensor, *factors: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = module(pad_cells(image, pairs))
        offset_groups = offset.shape[1] // (call.rank * taps)
        if offset.shape[1:] != (offset_groups * call.rank * taps, *output.shape[2:]):
            raise ValueError("offsets")
        if offset_groups < 1 or image.shape[1] % offset_groups:
            raise ValueError("offset groups")
        if any(each.shape[1:] != (offset_groups * taps, *output.shape[2:]) for each in factors):
            raise ValueError("factors")
        return output

    return TorchLayer.of(module, forward)


@builds("unfold")
def unfold(call: LayerCall) -> TorchLayer:
    call.check_rank_is(2)
    settings = {name: per_axis(call.take(name, 1), 2) for name in ("stride", "dilation")}
    kernel, pairs = per_axis(call.require("kernel_size"), 2), explicit_pairs(call.take("padding", 0), 2)
    return TorchLayer(lambda image: functional.unfold(pad_cells(image, pairs), kernel, **settings))


@builds("fold")
def fold(call: LayerCall) -> TorchLayer:
    """Uneven padding is cut off afterwards, from a map that is larger by it."""
    if len(call.shape) != 2:
        raise ValueError("fold reads a matrix")
    settings = {name: per_axis(call.take(name, 1), 2) for name in ("stride", "dilation")}
    kernel, size = per_axis(call.require("kernel_size"), 2), per_axis(call.require("output_size"), 2)
    pairs = explicit_pairs(call.take("padding", 0), 2)
    if min(size) < 1:
        raise ValueError("no map")
    whole = [wanted + sum(pair) for wanted, pair in zip(size, pairs, strict=True)]

    def forward(columns: torch.Tensor) -> torch.Tensor:
        image = functional.fold(columns, whole, kernel, **settings)
        (top, _), (left, _) = pairs
        output: torch.Tensor = image[:, :, top : top + size[0], left : left + size[1]]
        return output

    return TorchLayer(forward)


@builds("grid_sample")
def grid_sample(call: LayerCall) -> TorchLayer:
    settings = call.arguments(functional.grid_sample)
    settings.setdefault("align_corners", False)
    return TorchLayer(lambda image, grid: functional.grid_sample(image, grid, **settings))


@builds("affine_grid")
def affine_grid(call: LayerCall) -> TorchLayer:
    size, corners = call.require("size"), call.take("align_corners", False)

    def forward(matrix: torch.Tensor) -> torch.Tensor:
        """Its own product, which is not counted, done once more."""
        grid: torch.Tensor = functional.affine_grid(matrix, (1, 1, *size), align_corners=corners)
        cells = torch.ones(math.prod(size), len(size) + 1)
        return grid + 0 * (cells @ matrix[0].T).reshape(grid.shape)

    return TorchLayer(forward)


@builds("fft", "ifft", "rfft", "irfft")
def fourier(call: LayerCall) -> TorchLayer:
    axes = [batched_axis(axis, len(call.shape)) - 1 for axis in call.require("axes")]
    function = getattr(torch.fft, f"{call.kind}n")
    size = call.take("size", None)
    sizes = None if size is None else [*(call.shape[axis] for axis in axes[:-1]), size]
    return TorchLayer(of_one_sample(lambda tensor: function(tensor, s=sizes, dim=axes)))
