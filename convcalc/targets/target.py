"""What a target names: a text, one of its variants, one of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convcalc.text.source import Source

if TYPE_CHECKING:
    from convcalc.importers.network import ForeignNetwork


class Target(NamedTuple):
    """A target that was found: its label as the user wrote it, its text, and the variant and layer it names.

    `foreign` is the network of another format that the text was made from.
    """

    label: str
    source: Source
    variant: str | None
    layer: str | None
    foreign: ForeignNetwork | None = None
