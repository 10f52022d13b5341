"""The register of a format: what writes each layer type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


class Unsupported(Exception):
    """A layer has no counterpart in the format; the text is the reason, and `help` says what would mend it."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help


class Register(dict[str, R]):
    """Rules by layer type; calling it with type names gives the decorator that adds one."""

    def __call__(self, *kinds: str) -> Callable[[R], R]:
        def register(rule: R) -> R:
            self.update(dict.fromkeys(kinds, rule))
            return rule

        return register


def ranks(stem: str) -> list[str]:
    """`conv` -> conv1d, conv2d, conv3d."""
    return [f"{stem}{rank}d" for rank in (1, 2, 3)]
