"""Calls and their arguments as text."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.model import ClassStep
from convcalc.exporters.python.unify import Joined, JoinedTuple, Slot
from convcalc.exporters.python.values import Values

# Texts of slots, each with its values in every piece.
Texts = dict[str, tuple[Any, ...]]


def written(values: Values, node: Any, step: ClassStep, owner: str, texts: Texts) -> str:
    """The text of a call or of an argument. `texts` gets the texts of its slots, each with its values."""
    if isinstance(node, Slot):
        text = values.text(node, step, owner, values.raw(step, node.param))
        texts.setdefault(text, values.all_of(text, node.values))
        return text
    if isinstance(node, Joined):
        return f"{node.callee}({', '.join(written_arguments(values, node, step, owner, texts))})"
    assert isinstance(node, JoinedTuple)  # the last form of an argument
    items = [written(values, item, step, owner, texts) for item in node.items]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def written_arguments(values: Values, node: Joined, step: ClassStep, owner: str, texts: Texts) -> list[str]:
    """The texts of the arguments of a call."""
    pairs = [(key, written(values, argument, step, owner, texts)) for key, argument in node.arguments]
    return [f"{key}={text}" if key else text for key, text in pairs]
