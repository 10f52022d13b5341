"""Whether lists of entries are the same but for values, and for entries that some of them leave out.

A template is the list that holds the entries of all of them. What differs between them is kept by instance: the
parameters of each entry, and whether it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.importers.outline import Argument, Entry, Ref

# Two instances are different blocks where more than this share of the entries is in one of them only.
MAX_OPTIONAL = 0.5
MAX_OPTIONAL_RUNS = 2
# The order of what these read makes no difference.
COMMUTATIVE = ("add", "mul", "maximum", "minimum")


@dataclass(slots=True)
class Cell:
    """An entry of the template in one instance: its parameters, its keys and the shape that it reads."""

    parameters: dict[str, Any]
    keys: dict[str, Any]
    in_shape: Shape


class Template:
    """The entries of all instances, in order; `cells` has the values of each entry by instance: None if it has none."""

    def __init__(self, entries: list[Entry], output: Ref) -> None:
        self.entries = entries
        self.output = output
        self.cells: dict[Entry, list[Cell | None]] = {entry: [_cell(entry)] for entry in flat(entries)}
        self.present = [set(self.cells)]  # the entries that an instance has, once for all instances that have the same

    @property
    def count(self) -> int:
        return len(next(iter(self.cells.values())))

    def add(self, entries: list[Entry], output: Ref) -> dict[Entry, Entry] | None:
        """Add an instance; the entry of the template for each of its entries. None where it is another block."""
        merge = _Merge(self)
        merged = merge.lists(self.entries, entries)
        if merged is None or not merge.is_similar() or not merge.has_same_wiring(output):
            return None
        merge.apply()
        return merge.partner


class _Merge:
    """A template and a further instance, put side by side."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.partner: dict[Entry, Entry] = {}  # entry of the instance -> entry of the template
        self.order: dict[int, list[Entry]] = {}  # the list of entries, by the identity of the template's old list
        self.lists_of: dict[int, list[Entry]] = {}
        self.added: list[Entry] = []
        self.reads: dict[Entry, list[Ref]] = {}
        self.runs = 0

    def lists(self, ours: list[Entry], theirs: list[Entry]) -> bool | None:
        """Pair the entries of two lists; None where a pair cannot be one entry."""
        pairs = _aligned([_label(entry) for entry in ours], [_label(entry) for entry in theirs])
        merged: list[Entry] = []
        was_single = False
        for left, right in pairs:
            is_single = left is None or right is None
            self.runs += is_single and not was_single
            was_single = is_single
            if left is None:
                assert right is not None
                entry = theirs[right]
                self.partner.update({inner: inner for inner in flat([entry])})
                self.added += flat([entry])
            else:
                entry = ours[left]
                if right is not None:
                    self.partner[theirs[right]] = entry
                    if entry.entries is not None and self.lists(entry.entries, theirs[right].inner) is None:
                        return None
            if is_single and merged and _is_alike(merged[-1], entry):
                return None  # a longer chain of the same entries is another block
            merged.append(entry)
        self.order[id(ours)] = merged
        self.lists_of[id(ours)] = ours
        return True

    def is_similar(self) -> bool:
        """Whether few entries are in one of the two only."""
        total = len(self.template.cells)
        missing = total - len(set(self.partner.values()) - set(self.added))
        few = MAX_OPTIONAL * max(1, total - missing)
        return self.runs <= MAX_OPTIONAL_RUNS and len(self.added) <= few and missing <= few

    def has_same_wiring(self, output: Ref) -> bool:
        """Whether one wiring serves all: an entry that is left out passes on what it reads first."""
        for theirs, ours in self.partner.items():
            wanted = [self._renamed(ref) for ref in theirs.reads]
            self.reads[ours] = wanted if ours in self.added or _reads_any(wanted, self.added) else ours.reads
            if (theirs.tied is None) != (ours.tied is None):
                return False
        if self._agrees(output):
            return True
        present = set(self.partner.values())
        for entry in [*self.template.cells, *self.added]:
            is_optional = entry in self.added or entry not in present
            if is_optional and entry.type in COMMUTATIVE:
                self.reads[entry] = self.reads.get(entry, entry.reads)[::-1]
                if self._agrees(output):
                    return True
        return False

    def _agrees(self, output: Ref) -> bool:
        """Whether the wiring is that of every instance, and gives the same output."""
        reads = {**{entry: entry.reads for entry in self.template.cells}, **self.reads}
        present = set(self.partner.values())
        for theirs, ours in self.partner.items():
            wanted = [self._renamed(ref) for ref in theirs.reads]
            if not _equal(ours, [resolved(ref, present, reads) for ref in reads[ours]], wanted):
                return False
        return self._serves_before(reads) and self._output(output, present, reads)

    def _serves_before(self, reads: dict[Entry, list[Ref]]) -> bool:
        """Whether the wiring is still that of the instances that the template has already."""
        old = {entry: entry.reads for entry in self.template.cells}
        for present in self.template.present:
            for entry in present:
                before = [resolved(ref, present, old) for ref in entry.reads]
                if [resolved(ref, present, reads) for ref in reads[entry]] != before:
                    return False
        return True

    def _output(self, output: Ref, present: set[Entry], reads: dict[Entry, list[Ref]]) -> bool:
        wanted = self._renamed(output)
        candidates = [self.template.output, wanted]
        for candidate in candidates:
            if resolved(candidate, present, reads) != wanted:
                continue
            if all(
                resolved(candidate, there, reads) == resolved(self.template.output, there, reads)
                for there in self.template.present
            ):
                self.template_output = candidate
                return True
        return False

    def _renamed(self, ref: Ref) -> Ref:
        return Ref(self.partner[ref.of], ref.path) if isinstance(ref.of, Entry) else ref

    def apply(self) -> None:
        """Write the instance into the template."""
        template, count = self.template, self.template.count
        for key, merged in self.order.items():
            self.lists_of[key][:] = merged
        for entry in self.added:
            template.cells[entry] = [None] * count
        for entry, reads in self.reads.items():
            entry.reads = reads
        partners = {ours: theirs for theirs, ours in self.partner.items()}
        if set(partners) not in template.present:
            template.present.append(set(partners))
        for entry, cells in template.cells.items():
            cells.append(_cell(partners[entry]) if entry in partners else None)
        template.output = self.template_output


def flat(entries: Sequence[Entry]) -> list[Entry]:
    """The entries and those of the containers among them."""
    return [each for entry in entries for each in (entry, *flat(entry.inner))]


def _is_alike(one: Entry, other: Entry) -> bool:
    """Whether two neighbours are links of one chain."""
    return one.block is not None and one.block is other.block


def _cell(entry: Entry) -> Cell:
    return Cell(entry.parameters, entry.keys, entry.in_shape)


def _label(entry: Entry) -> tuple[object, ...]:
    """What two entries must have in common to be one entry of a block."""
    path = tuple(part for ref in entry.reads for part in ref.path)
    rows = repr(entry.keys.get("rows"))
    copies = "repeat" in entry.parameters
    return (entry.type, entry.name, entry.block, entry.entries is not None, len(entry.reads), path, rows, copies)


def resolved(ref: Ref, present: set[Entry], reads: dict[Entry, list[Ref]]) -> Ref:
    """What a reference means where some entries are left out."""
    while isinstance(ref.of, Entry) and ref.of not in present and reads[ref.of]:
        ref = reads[ref.of][0]
    return ref


def _equal(entry: Entry, refs: list[Ref], wanted: list[Ref]) -> bool:
    """Whether an entry may read these in place of the others: the same, in any order where that makes no difference."""
    if entry.type in COMMUTATIVE and len(refs) == 2:
        return refs in (wanted, wanted[::-1])
    return refs == wanted


def _reads_any(refs: list[Ref], entries: Sequence[Entry]) -> bool:
    return any(ref.of in entries for ref in refs if not isinstance(ref.of, Argument))


def _aligned(ours: list[tuple[object, ...]], theirs: list[tuple[object, ...]]) -> list[tuple[int | None, int | None]]:
    """The longest common subsequence of two lists as pairs of indices; None for what only one of them has."""
    lengths = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for left in range(len(ours) - 1, -1, -1):
        for right in range(len(theirs) - 1, -1, -1):
            lengths[left][right] = (
                lengths[left + 1][right + 1] + 1
                if ours[left] == theirs[right]
                else max(lengths[left + 1][right], lengths[left][right + 1])
            )
    pairs: list[tuple[int | None, int | None]] = []
    left = right = 0
    while left < len(ours) and right < len(theirs):
        if ours[left] == theirs[right]:
            pairs.append((left, right))
            left, right = left + 1, right + 1
        elif lengths[left + 1][right] >= lengths[left][right + 1]:
            pairs.append((left, None))
            left += 1
        else:
            pairs.append((None, right))
            right += 1
    pairs += [(index, None) for index in range(left, len(ours))]
    return pairs + [(None, index) for index in range(right, len(theirs))]
