"""Copied into an exported source that needs it."""

import torch


def causal_mask(tokens: int, device: torch.device) -> torch.Tensor:
    """Hides from each token those that follow it."""
    return torch.ones(tokens, tokens, dtype=torch.bool, device=device).triu(1)
