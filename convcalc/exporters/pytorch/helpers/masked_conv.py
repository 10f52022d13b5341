"""Copied into an exported source that needs it."""

import math
from typing import Any

import torch
from torch import nn


class MaskedConv2d(nn.Conv2d):
    """A convolution without the taps behind the middle one; strict: nor that one."""

    def __init__(self, *args: Any, strict: bool = False, **settings: Any) -> None:
        super().__init__(*args, **settings)
        order = torch.arange(math.prod(self.kernel_size)).reshape(self.kernel_size)
        middle = order[tuple(size // 2 for size in self.kernel_size)]
        self.mask = (order < middle) if strict else (order <= middle)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight * self.mask.to(self.weight)
        return self._conv_forward(x, weight, self.bias)
