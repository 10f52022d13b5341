"""The register of rules: a rule adds the nodes of a layer and gives the names of its output and of its parts."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.exporters.onnx.build import Layer

# The output; a rule of a layer with further outputs gives these after it.
Rule = Callable[[Layer], str]


class Unsupported(Exception):
    """A layer has no counterpart; the text is the reason."""


class Register(dict[str, Rule]):
    """Rules by layer type; calling it with type names gives the decorator that adds one."""

    def __call__(self, *kinds: str) -> Callable[[Rule], Rule]:
        def register(rule: Rule) -> Rule:
            self.update(dict.fromkeys(kinds, rule))
            return rule

        return register


def ranks(stem: str) -> list[str]:
    """`conv` -> conv1d, conv2d, conv3d."""
    return [f"{stem}{rank}d" for rank in (1, 2, 3)]


def batched(axis: int, rank: int) -> int:
    """An axis that is counted without the batch, in a tensor with one."""
    return axis % rank + 1
