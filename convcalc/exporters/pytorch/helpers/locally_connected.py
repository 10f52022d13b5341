"""Copied into an exported source that needs it."""

import math

import torch
from torch import nn

RANK = 2


class LocallyConnected2d(nn.Module):
    """A convolution with weights of its own for each cell of a grid of positions."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        grid: tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        shared_bias: bool = False,
    ) -> None:
        super().__init__()
        self.grid = grid
        self.kernel_size = self.per_axis(kernel_size)
        self.stride = self.per_axis(stride)
        self.dilation = self.per_axis(dilation)
        self.groups = groups
        sets = math.prod(grid)
        shape = (sets, out_channels, in_channels // groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[2:]))
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias: nn.Parameter | None = None
        if bias:
            biases = 1 if shared_bias else sets
            self.bias = nn.Parameter(torch.zeros(biases, out_channels))

    @staticmethod
    def per_axis(value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * RANK if isinstance(value, int) else value

    def sets(self, positions: tuple[int, ...]) -> list[int]:
        """The set of weights of each position, in the order of rows."""
        return list(range(math.prod(positions)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for axis, size in enumerate(self.kernel_size):
            step, spread = self.stride[axis], self.dilation[axis]
            x = x.unfold(axis + 2, spread * (size - 1) + 1, step)[..., ::spread]
        batch, positions = x.shape[0], tuple(x.shape[2 : 2 + RANK])
        count, taps = math.prod(positions), math.prod(self.kernel_size)
        sets = self.sets(positions)
        weight = self.weight[sets].reshape(
            count, self.groups, -1, x.shape[1] // self.groups, taps
        )
        windows = x.reshape(batch, self.groups, -1, count, taps)
        y = torch.einsum("ngcpk,pgock->ngop", windows, weight)
        y = y.reshape(batch, -1, *positions)
        if self.bias is None:
            return y
        bias = self.bias[sets] if len(self.bias) > 1 else self.bias.expand(count, -1)
        return y + bias.t().reshape(-1, *positions)
