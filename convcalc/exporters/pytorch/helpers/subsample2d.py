"""Copied into an exported source that needs it."""

import torch
import torch.nn.functional as F
from torch import nn


class Subsample2d(nn.Module):
    """The sum of each window, with a learned factor and bias for each channel."""

    def __init__(
        self,
        channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.coefficient = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = F.avg_pool2d(
            x, self.kernel_size, self.stride, self.padding, divisor_override=1
        )
        return self.coefficient * total + self.bias
