"""What a target names: a text, one of its variants, one of its layers."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.text.source import Source


class Target(NamedTuple):
    """A target that was found: its label as the user wrote it, its text, and the variant and layer it names."""

    label: str
    source: Source
    variant: str | None
    layer: str | None
