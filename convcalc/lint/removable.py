"""Finds out whether an entry can be removed from a file without any other effect."""

from __future__ import annotations

import re
from functools import lru_cache

from convcalc.language.spec import ENTRY_KEYS
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


def can_be_removed(network: Network, row: Row) -> bool:
    """Whether the entry of an idle layer can be removed: nothing refers to it, and other names keep their meaning.

    Unnamed entries are numbered by their type: where the file has such a name, no entry of that type can be removed.
    """
    if row in network.outputs or not ENTRY_KEYS.isdisjoint(network.entry(row).body.pairs):
        return False
    return not _is_numbered(network.graph.source.text, row.type)


@lru_cache(maxsize=8)
def _is_numbered(text: str, type: str) -> bool:
    """Whether a text contains the name of an unnamed entry of this type."""
    return re.search(rf"\b{type}_\d", text) is not None
