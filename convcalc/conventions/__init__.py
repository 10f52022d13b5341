"""How other tools count parameters and operations: one table for each tool, reproduced from the tool itself."""

from __future__ import annotations

from convcalc.conventions.convention import Convention, Counted
from convcalc.conventions.tables import CONVENTIONS

__all__ = ["CONVENTIONS", "Convention", "Counted", "differences"]


def differences(layer: Counted) -> list[str]:
    """A sentence for each tool whose figures of this layer differ from convcalc's."""
    found = [convention.difference(layer) for convention in CONVENTIONS.values()]
    return [sentence for sentence in found if sentence]
