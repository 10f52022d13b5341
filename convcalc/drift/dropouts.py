"""The dropouts between the layers of a spec and of its source: they compute nothing, and are compared at last."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.drift.deviation import Deviation
from convcalc.drift.pairing import Pairing
from convcalc.drift.structure import Structure


def other_dropouts(pairing: Pairing) -> Iterator[Deviation]:
    """Other dropouts between two layers, or before an output; each of them once."""
    partner, back = {**pairing.partner, -1: -1}, {**pairing.back, -1: -1}
    reads = {read for read in pairing.first.dropouts if read[0] in partner}
    reads |= {(back[reader], place) for reader, place in pairing.second.dropouts if reader in back}
    known: set[int] = set()
    for index, place in sorted(reads):
        written = _rates(pairing.first, index, place)
        if not known.intersection(written):
            known.update(written)
            yield from _other(pairing.first, index, written, _rates(pairing.second, partner[index], place))


def _rates(structure: Structure, reader: int, place: int) -> dict[int, float]:
    """By the index of each dropout, the share that it drops."""
    found = structure.dropouts.get((reader, place), ())
    return {index: structure.rows[index].facts.layer.config()["p"] for index in found}


def _other(spec: Structure, reader: int, written: dict[int, float], stated: dict[int, float]) -> Iterator[Deviation]:
    if len(written) != len(stated):
        written, stated = ({index: rate for index, rate in each.items() if rate} for each in (written, stated))
    for index, (rate, there) in zip(written, zip(written.values(), stated.values())):
        if rate != there:
            message = f"p is {rate}, in the source {there}"
            yield Deviation(spec.rows[index], "p", message, "p", minor=True)
    for index in list(written)[len(stated) :]:
        yield Deviation(spec.rows[index], "surplus", "it is not in the source", minor=True)
    for rate in list(stated.values())[len(written) :]:
        row = spec.rows[reader] if reader >= 0 else None
        what = f"before {'it' if row else 'the output'} the source has a dropout of {rate}"
        yield Deviation(row, "missing dropout", what, minor=True)
