"""Operations that a source has written out, as the one layer that they are."""

from __future__ import annotations

from convcalc.importers.network import ForeignNetwork


def simplify(network: ForeignNetwork, nodes: dict) -> None:
    pass
