"""Texts that exist already; each has a single format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convcalc.render.style import Screen


@dataclass(frozen=True, slots=True)
class SpecPrintout:
    """The text of a spec."""

    content: str

    def yaml(self, screen: Screen) -> Sequence[str]:
        return (self.content,)


@dataclass(frozen=True, slots=True)
class SchemaPrintout:
    """The text of a JSON Schema."""

    content: str

    def json(self, screen: Screen) -> Sequence[str]:
        return (self.content,)
