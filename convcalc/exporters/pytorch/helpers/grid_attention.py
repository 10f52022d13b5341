"""Copied into an exported source that needs it."""

import torch

from convcalc.exporters.pytorch.helpers.window_attention import WindowAttention


class GridAttention(WindowAttention):
    """Attention among cells that are spread evenly over a map."""

    def split(self, x: torch.Tensor) -> torch.Tensor:
        rows, columns = self.window_size
        x = x.unflatten(2, (columns, -1)).unflatten(1, (rows, -1))
        return x.permute(0, 2, 4, 1, 3, 5).flatten(3, 4).flatten(1, 2)

    def join(self, x: torch.Tensor, height: int, width: int) -> torch.Tensor:
        rows, columns = self.window_size
        x = x.unflatten(2, (rows, columns))
        x = x.unflatten(1, (height // rows, width // columns))
        return x.permute(0, 3, 1, 4, 2, 5).flatten(3, 4).flatten(1, 2)
