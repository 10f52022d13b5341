"""The register of rules: a rule adds the nodes of a layer and gives the names of its output and of its parts."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.exporters import register
from convcalc.exporters.onnx.build import Layer

# The output; a rule of a layer with further outputs gives these after it.
Rule = Callable[[Layer], str]


class Register(register.Register[Rule]):
    """The rules of a family."""


def batched(axis: int, rank: int) -> int:
    """An axis that is counted without the batch, in a tensor with one."""
    return axis % rank + 1
