"""Copied into an exported source that needs it."""

import torch
from torch import nn


class GlobalResponseNorm(nn.Module):
    """Scales each channel by its norm over the map, compared with the others."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.zeros(channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        norm = torch.linalg.vector_norm(x, dim=(2, 3), keepdim=True)
        scale = norm / (norm.mean(dim=1, keepdim=True) + self.eps)
        return self.gamma * (x * scale) + self.beta + x
