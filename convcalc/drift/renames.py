"""Layers that have another name in the source, where most names of the two networks are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from convcalc.arith.wording import listed
from convcalc.drift.pairing import Pairing
from convcalc.report.matching import is_numbered
from convcalc.report.rows import Row

MOST_NAMES = 3  # in a message


class _Rename(NamedTuple):
    """The block in which two names begin to differ, without the numbers of its copies, and what follows there."""

    block: str
    ours: str
    theirs: str


def renames(pairing: Pairing) -> Iterator[tuple[Row, str, str]]:
    """The first layer of each block with other names, with a word for the block, and a sentence.

    Names of networks from different sources often differ by nature: they are compared only where at least half of them
    are equal. Names that only number unnamed layers are left out, and those of a layer that is used again.
    """
    named = []
    for index, other in pairing.partner.items():
        nodes = pairing.first.report.graph.nodes[index], pairing.second.report.graph.nodes[other]
        if not any(node.tied_to is not None or is_numbered(node) for node in nodes):
            named.append((pairing.first.rows[index], nodes[1].name))
    different = sorted([each for each in named if not _is_same(each[0].name, each[1])], key=lambda each: each[0].index)
    if 2 * len(different) > len(named):
        return
    groups: dict[str, dict[_Rename, Row]] = {}
    for row, name in different:
        found = _rename(row.name, name)
        # At the top, each name is a block of its own.
        groups.setdefault(found.block or f"{found.ours}:", {}).setdefault(found, row)
    for block, found_in_block in groups.items():
        pairs = [f"`{each.ours}` is `{each.theirs}`" for each in found_in_block]
        more = [f"{len(pairs) - MOST_NAMES} more"] if len(pairs) > MOST_NAMES else []
        sentence = f"in the source {listed([*pairs[:MOST_NAMES], *more])}"
        yield next(iter(found_in_block.values())), f"name {block}", sentence


def _is_same(name: str, other: str) -> bool:
    """Whether two names are equal up to places in a sequence, or one names a part of the other: a block of one layer.

    >>> _is_same("body.2.conv", "body.3.conv"), _is_same("head", "head.fc"), _is_same("head", "classifier")
    (True, True, False)
    """
    ours, theirs = ([part for part in each.split(".") if not part.isdigit()] for each in (name, other))
    count = min(len(ours), len(theirs))
    return ours[:count] == theirs[:count]


def _rename(name: str, other: str) -> _Rename:
    """Where two names differ.

    >>> _rename("layer1.0.conv1", "layer1.0.first")
    _Rename(block='layer1', ours='conv1', theirs='first')
    >>> _rename("stem.3.norm", "head.3.norm")
    _Rename(block='', ours='stem', theirs='head')
    """
    ours, theirs = name.split("."), other.split(".")
    common = 0
    while common < min(len(ours), len(theirs)) - 1 and ours[common] == theirs[common]:
        common += 1
    block = ".".join(part for part in ours[:common] if not part.isdigit())
    return _Rename(block, ours[common], theirs[common])
