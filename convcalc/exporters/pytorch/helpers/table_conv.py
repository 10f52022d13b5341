"""Copied into an exported source that needs it."""

import math

import torch
import torch.nn.functional as F
from torch import nn

RANK = 2


class TableConv2d(nn.Module):
    """A convolution in which each output channel reads some of the input channels."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        table: tuple[tuple[int, ...], ...],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        kernel = (kernel_size,) * RANK if isinstance(kernel_size, int) else kernel_size
        self.table = table
        self.stride = stride
        self.dilation = dilation
        entries = sum(map(len, table))
        bound = math.sqrt(out_channels / (entries * math.prod(kernel)))
        self.weight = nn.Parameter(
            torch.empty(entries, *kernel).uniform_(-bound, bound)
        )
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = []
        weights = self.weight.split([len(row) for row in self.table])
        for row, weight in zip(self.table, weights, strict=True):
            kernel = weight.unsqueeze(0)
            maps.append(
                F.conv2d(x[:, list(row)], kernel, None, self.stride, 0, self.dilation)
            )
        y = torch.cat(maps, dim=1)
        return y if self.bias is None else y + self.bias.reshape((-1,) + (1,) * RANK)
