"""A target: a text, one of its variants, one of its layers."""

from typing import TYPE_CHECKING

from convcalc.plain_tuple import PlainTuple
from convcalc.text.source import Source

if TYPE_CHECKING:
    from convcalc.importers.network import ForeignNetwork


class Target(PlainTuple):
    """A target: its label as the user wrote it, its text, and the names of its variant and layer, if any.

    `foreign` is the network of another format that the text was made from.
    """

    label: str
    source: Source
    variant: str | None
    layer: str | None
    foreign: "ForeignNetwork | None" = None
