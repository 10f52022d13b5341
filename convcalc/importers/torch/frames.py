"""Modules of PyTorch that are one layer of the language, however many calls they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from convcalc.importers.torch.graph import Frame, Node

if TYPE_CHECKING:
    from convcalc.importers.torch.translate import Translator

WHOLE_MODULES: dict[str, Callable[[Translator, Frame, list[Node]], None]] = {}


def grouped(nodes: list[Node]) -> list[Node | list[Node]]:
    """The calls in order; those inside one module that is a layer together."""
    result: list[Node | list[Node]] = []
    current: Frame | None = None
    for node in nodes:
        frame = next((frame for frame in node.frames if frame.kind in WHOLE_MODULES), None)
        if frame is None:
            result.append(node)
        elif frame == current and isinstance(result[-1], list):
            result[-1].append(node)
        else:
            result.append([node])
        current = frame
    return result
