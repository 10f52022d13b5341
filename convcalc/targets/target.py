"""What a target names: a text, one of its variants, one of its layers."""

from __future__ import annotations

from convcalc.text.source import Source


class Target:
    """A target that was found: its label as the user wrote it, its text, and the variant and layer it names."""

    __slots__ = ("label", "source", "variant", "layer")

    def __init__(self, label: str, source: Source, variant: str | None, layer: str | None) -> None:
        self.label = label
        self.source = source
        self.variant = variant
        self.layer = layer
