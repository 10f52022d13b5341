"""What PyTorch's functions are in the language: one handler for each name, by family."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.operators import (
    arithmetic,
    attention,
    convolution,
    elementwise,
    normalisation,
    padding,
    pooling,
    products,
    rearranging,
    recurrent,
    reductions,
    resampling,
    reshaping,
    slicing,
)

HANDLERS: dict[str, Callable[[Call], None]] = {
    name: handler
    for family in (
        elementwise, arithmetic, convolution, normalisation, pooling, products, reductions, reshaping, rearranging,
        slicing, padding, resampling, recurrent, attention,
    )
    for name, handler in family.HANDLERS.items()
}  # fmt: skip
