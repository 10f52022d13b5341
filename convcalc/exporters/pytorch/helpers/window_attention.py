"""Copied into an exported source that needs it."""

import torch
import torch.nn.functional as F
from torch import nn


class WindowAttention(nn.Module):
    """Attention inside the windows of a map [height, width, channels]."""

    relative_position_index: torch.Tensor

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: tuple[int, int],
        shift_size: tuple[int, int] = (0, 0),
        qkv_bias: bool = True,
        proj_bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.window_size = window_size
        self.shift_size = shift_size
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        self.register_buffer("relative_position_index", self.position_index())
        self.make_position_bias()

    def make_position_bias(self) -> None:
        rows, columns = self.window_size
        table = torch.zeros((2 * rows - 1) * (2 * columns - 1), self.num_heads)
        self.relative_position_bias_table = nn.Parameter(table.normal_(std=0.02))

    def position_index(self) -> torch.Tensor:
        """Which entry of the table each pair of cells has."""
        rows, columns = self.window_size
        places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns))
        down, across = (places[:, None] - places[None]).unbind(-1)
        index = (down + rows - 1) * (2 * columns - 1) + across + columns - 1
        return index.flatten()

    def position_bias(self) -> torch.Tensor:
        cells = self.window_size[0] * self.window_size[1]
        bias = self.relative_position_bias_table[self.relative_position_index]
        return bias.reshape(cells, cells, -1).permute(2, 0, 1)

    def attend(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Attention in each window of [batch, windows, cells, channels]."""
        qkv = self.qkv(x).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = qkv.permute(3, 0, 1, 4, 2, 5).unbind(0)
        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5 + self.position_bias()
        if mask is not None:
            scores = scores + mask.to(scores).unsqueeze(1)
        mixed = scores.softmax(dim=-1) @ v
        return self.proj(mixed.transpose(-2, -3).flatten(-2))

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """The cells of each window: [batch, windows, cells, channels]."""
        rows, columns = self.window_size
        x = x.unflatten(2, (-1, columns)).unflatten(1, (-1, rows))
        return x.transpose(2, 3).flatten(3, 4).flatten(1, 2)

    def join(self, x: torch.Tensor, height: int, width: int) -> torch.Tensor:
        rows, columns = self.window_size
        x = x.unflatten(2, (rows, columns))
        x = x.unflatten(1, (height // rows, width // columns))
        return x.transpose(2, 3).flatten(3, 4).flatten(1, 2)

    def mask(self, height: int, width: int, shift: tuple[int, int]) -> torch.Tensor:
        """Hides from each other the cells that a shift brings into one window."""
        regions = torch.zeros(1, height, width, 1)
        for axis, (size, part) in enumerate(zip(self.window_size, shift, strict=True)):
            if part:
                edge = (height, width)[axis]
                steps = torch.zeros(edge)
                steps[edge - size : edge - part] = 1
                steps[edge - part :] = 2
                shape = (1, -1, 1, 1) if axis == 0 else (1, 1, -1, 1)
                regions = 3 * regions + steps.reshape(shape)
        cells = self.split(regions)[0, ..., 0]
        return (cells[:, None] != cells[:, :, None]) * -100.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[1:3]
        rows, columns = self.window_size
        x = F.pad(x, (0, 0, 0, -width % columns, 0, -height % rows))
        down, across = x.shape[1:3]
        shift = (
            0 if rows >= down else self.shift_size[0],
            0 if columns >= across else self.shift_size[1],
        )
        mask = None
        if any(shift):
            x = x.roll((-shift[0], -shift[1]), (1, 2))
            mask = self.mask(down, across, shift).to(x.device)
        x = self.join(self.attend(self.split(x), mask), down, across)
        x = x.roll(shift, (1, 2)) if any(shift) else x
        return x[:, :height, :width]
