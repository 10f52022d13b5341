"""Blocks from repetition: runs of entries that occur again and again, where no class of the source tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from convcalc.importers.blocks import OVERHEAD, free_block_name, place_block
from convcalc.importers.merging import Template
from convcalc.importers.outline import Argument, Entry, Outline, Ref, lists, walk
from convcalc.importers.params import Parametrised
from convcalc.importers.runs import join_neighbours

MAX_LENGTH = 16  # entries of a block
MAX_ENTRIES = 20_000  # in a longer list the search would take too long
SHORT = {
    "batch_norm": "norm",
    "group_norm": "norm",
    "layer_norm": "norm",
    "instance_norm": "norm",
    "leaky_relu": "relu",
}


class Fragment(NamedTuple):
    """Neighbouring entries of one list that read one tensor from outside, and give one to outside."""

    entries: list[Entry]
    start: int
    length: int
    source: Ref

    @property
    def own(self) -> list[Entry]:
        return self.entries[self.start : self.start + self.length]


def extract_repetitions(outline: Outline) -> None:
    """Make blocks of what repeats, the most useful first, until no block would make the spec shorter."""
    join_neighbours(outline)
    while fragments := _best(outline):
        _extract(outline, fragments)
        join_neighbours(outline)


def _best(outline: Outline) -> list[Fragment]:
    """The fragments of the repetition that saves most lines; none where none saves any."""
    found: dict[int, list[Fragment]] = defaultdict(list)
    last_readers = _last_readers(outline)
    for entries in lists(outline.entries):
        if len(entries) <= MAX_ENTRIES:
            for key, fragment in _fragments(entries, last_readers):
                found[key].append(fragment)
    best: list[Fragment] = []
    most = 0
    for fragments in found.values():
        apart = _apart(fragments) if len(fragments) > 1 else []
        length = fragments[0].length
        saved = len(apart) * (length - 1) - length - OVERHEAD
        if saved > most:
            best, most = apart, saved
    return best


def _last_readers(outline: Outline) -> dict[Entry, float]:
    """For each entry the last place in its own list that reads it; infinite where others read it too."""
    places = {entry: (id(entries), index) for entries in lists(outline.entries) for index, entry in enumerate(entries)}
    last: dict[Entry, float] = {}
    for reader in walk(outline.entries):
        for ref in (*reader.reads, *([reader.tied] if reader.tied else [])):
            if isinstance(ref.of, Entry):
                here = places[ref.of][0] == places[reader][0] and not ref.path and ref is not reader.tied
                last[ref.of] = max(last.get(ref.of, 0), places[reader][1] if here else float("inf"))
    last.update({ref.of: float("inf") for ref in outline.outputs if isinstance(ref.of, Entry)})
    return last


def _fragments(entries: list[Entry], last_readers: dict[Entry, float]) -> Iterator[tuple[int, Fragment]]:
    """The fragments of a list, with a key that is equal for those that are alike."""
    for start, first in enumerate(entries):
        source = first.reads[0] if first.reads else None
        if source is None:
            continue
        key, last = 0, 0.0
        inside: dict[Entry, int] = {}
        for length, entry in enumerate(entries[start : start + MAX_LENGTH], 1):
            wiring = _wiring(entry, inside, source)
            if wiring is None:
                break
            inside[entry] = length
            key = hash((key, entry.type, entry.block, wiring, repr(entry.keys), "repeat" in entry.parameters))
            if length > 1 and last < start + length:
                yield key, Fragment(entries, start, length, source)
            last = max(last, last_readers.get(entry, float("inf")))


def _wiring(entry: Entry, inside: dict[Entry, int], source: Ref) -> tuple[int, ...] | None:
    """What an entry reads, by place in the fragment, 0 for the source; None where it cannot be in the fragment."""
    if entry.entries is not None or entry.tied is not None or not entry.reads:
        return None
    if entry.block is not None and entry.block.kind:
        return None  # a module with a name of its own
    wiring = []
    for ref in entry.reads:
        if ref == source:
            wiring.append(0)
        elif isinstance(ref.of, Entry) and ref.of in inside and not ref.path:
            wiring.append(inside[ref.of])
        else:
            return None
    return tuple(wiring)


def _apart(fragments: list[Fragment]) -> list[Fragment]:
    """Those that do not overlap, from the first on."""
    chosen: list[Fragment] = []
    ends: dict[int, int] = {}
    for fragment in fragments:
        if fragment.start >= ends.get(id(fragment.entries), 0):
            chosen.append(fragment)
            ends[id(fragment.entries)] = fragment.start + fragment.length
    return chosen


def _extract(outline: Outline, fragments: list[Fragment]) -> None:
    """Put uses of one block in the place of the fragments."""
    template: Template | None = None
    uses: list[tuple[Entry, dict[Entry, Entry]]] = []
    for fragment in fragments:
        own = fragment.own
        use = Entry("", [fragment.source], name=_name_of_use(own), has_tensors=any(e.has_tensors for e in own))
        for entry in own:
            entry.name = ""
            entry.reads = [Ref(Argument(0)) if ref == fragment.source else ref for ref in entry.reads]
        if template is None:
            template = Template(own, Ref(own[-1]))
            partner: dict[Entry, Entry] | None = {entry: entry for entry in own}
        else:
            partner = template.add(own, Ref(own[-1]))
        assert partner is not None  # fragments of one key are alike
        uses.append((use, partner))
    for fragment, (use, _) in sorted(zip(fragments, uses), key=lambda pair: -pair[0].start):
        fragment.entries[fragment.start : fragment.start + fragment.length] = [use]
    assert template is not None
    name = free_block_name(outline, _name_of_block(template.entries))
    place_block(outline, name, template, uses, Parametrised(template, {}))


def _name_of_use(entries: list[Entry]) -> str:
    """The name of the first entry that has parameters, or of the last."""
    return next((entry.name for entry in entries if entry.has_tensors and entry.name), "")


def _name_of_block(entries: list[Entry]) -> str:
    """What the block does: its types, or `residual_block` where it adds its input."""
    if entries[-1].type == "add" or (len(entries) > 1 and entries[-2].type == "add"):
        return "residual_block"
    stems = [SHORT.get(stem, stem) for stem in (entry.type.rstrip("123d").rstrip("_") for entry in entries)]
    return "_".join(stems) if len(stems) <= 3 else "block"
