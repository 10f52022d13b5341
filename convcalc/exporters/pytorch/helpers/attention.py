"""Copied into an exported source that needs it."""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Attention whose heads have widths of their own."""

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        head_dim: int,
        value_dim: int | None = None,
        num_kv_heads: int | None = None,
        kdim: int | None = None,
        vdim: int | None = None,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        causal: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        value_dim = value_dim or head_dim
        groups = num_kv_heads or num_heads
        self.num_heads = num_heads
        self.groups = groups
        self.causal = causal
        self.dropout = dropout
        self.q_proj = nn.Linear(embed_dim, num_heads * head_dim, bias=qkv_bias)
        self.k_proj = nn.Linear(kdim or embed_dim, groups * head_dim, bias=qkv_bias)
        self.v_proj = nn.Linear(vdim or embed_dim, groups * value_dim, bias=qkv_bias)
        self.out_proj = nn.Linear(num_heads * value_dim, embed_dim, bias=proj_bias)

    def forward(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
    ) -> torch.Tensor:
        q = self.q_proj(query).unflatten(-1, (self.num_heads, -1)).transpose(-2, -3)
        k = self.k_proj(key).unflatten(-1, (self.groups, -1)).transpose(-2, -3)
        v = self.v_proj(value).unflatten(-1, (self.groups, -1)).transpose(-2, -3)
        mixed = F.scaled_dot_product_attention(
            q,
            k,
            v,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=self.causal,
            enable_gqa=self.groups != self.num_heads,
        )
        return self.out_proj(mixed.transpose(-2, -3).flatten(-2))
