"""The network of digits.pt2."""

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra
from torch import Tensor, nn  # type: ignore[import-not-found, unused-ignore]  # as above


class Residual(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.bn(self.conv(x)))


class Digits(nn.Module):  # type: ignore[misc, unused-ignore]  # as above
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(Residual(8), Residual(8), Residual(8))
        self.classes = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.classes(self.blocks(self.stem(x)).mean((2, 3)))
        return output
