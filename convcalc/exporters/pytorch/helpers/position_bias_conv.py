"""Copied into an exported source that needs it."""

from typing import Any

import torch
from torch import nn


class PositionBiasConv2d(nn.Conv2d):
    """A convolution with a bias for each position of each channel."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        output_size: tuple[int, ...],
        bias: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, bias=False, **settings)
        self.bias = nn.Parameter(torch.zeros(out_channels, *output_size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, self.weight, None) + self.bias
