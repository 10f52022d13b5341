"""Copied into an exported source that needs it."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from convcalc.exporters.pytorch.helpers.window_attention import WindowAttention


class WindowAttentionV2(WindowAttention):
    """Window attention by cosines; a small network gives the bias of each pair."""

    relative_coords_table: torch.Tensor

    def make_position_bias(self) -> None:
        rows, columns = self.window_size
        down = torch.arange(1 - rows, rows) / max(rows - 1, 1)
        across = torch.arange(1 - columns, columns) / max(columns - 1, 1)
        table = torch.stack(torch.meshgrid(down, across, indexing="ij"), dim=-1) * 8
        table = table.sign() * torch.log2(table.abs() + 1) / 3
        self.register_buffer("relative_coords_table", table.unsqueeze(0))
        self.logit_scale = nn.Parameter(torch.full((self.num_heads, 1, 1), 10.0).log())
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, 512), nn.ReLU(), nn.Linear(512, self.num_heads, bias=False)
        )

    def position_bias(self) -> torch.Tensor:
        cells = self.window_size[0] * self.window_size[1]
        table = self.cpb_mlp(self.relative_coords_table).flatten(0, 2)
        bias = table[self.relative_position_index].reshape(cells, cells, -1)
        return 16 * torch.sigmoid(bias.permute(2, 0, 1))

    def attend(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        bias: torch.Tensor | None = self.qkv.bias
        if bias is not None:
            query, _, value = bias.chunk(3)
            bias = torch.cat([query, torch.zeros_like(query), value])
        qkv = F.linear(x, self.qkv.weight, bias).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = qkv.permute(3, 0, 1, 4, 2, 5).unbind(0)
        scores = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        scale = self.logit_scale.clamp(max=math.log(100.0)).exp()
        scores = scores * scale + self.position_bias()
        if mask is not None:
            scores = scores + mask.to(scores).unsqueeze(1)
        mixed = scores.softmax(dim=-1) @ v
        return self.proj(mixed.transpose(-2, -3).flatten(-2))
