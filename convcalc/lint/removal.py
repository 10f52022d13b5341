"""Whether an entry can be taken out of a file without a trace."""

from __future__ import annotations

import re
from functools import lru_cache

from convcalc.language.spec import ENTRY_KEYS
from convcalc.lint.network import Network, Step


def can_go(network: Network, step: Step) -> bool:
    """Whether nothing speaks of the entry of a layer that does nothing, so that all else keeps its name and meaning.

    Unnamed entries are numbered by their type: where the file writes such a number, none of that type can go.
    """
    if step in network.outputs or not ENTRY_KEYS.isdisjoint(step.entry.body.pairs):
        return False
    return not _is_numbered(network.graph.source.text, step.type)


@lru_cache(maxsize=8)
def _is_numbered(text: str, type: str) -> bool:
    """Whether a text holds the name of an unnamed entry of this type."""
    return re.search(rf"\b{type}_\d", text) is not None
