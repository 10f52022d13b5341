"""The pairs of layers of two networks that correspond, by what they compute; names only decide between equals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise

from convcalc.arith.subsequence import common_subsequence, longest_rise
from convcalc.drift.canonical import COMMUTATIVE
from convcalc.drift.structure import Structure
from convcalc.report.matching import is_numbered

# Cells of the table of an alignment; longer gaps are aligned by kinds alone.
MAX_CELLS = 250_000
# The share of layers that have name and settings in common where names are trusted.
TRUST = 0.75
SAME_FORM, SAME_KIND, SAME_NAME, SAME_ORIGIN = 6, 3, 2, 1


class Pairing:
    """The pairs: `partner` has the layer of the second network by that of the first, `back` the other way round.

    First come layers that compute the same of the same input, then those whose results are used alike: a change in
    the middle is between the two. Between several changes, layers of one name and equal settings are pairs. What is
    left is aligned in order, by kind, settings and name.
    """

    def __init__(self, first: Structure, second: Structure) -> None:
        self.first = first
        self.second = second
        self.partner: dict[int, int] = {}
        self.back: dict[int, int] = {}
        self._pair_equal(lambda each, index: (each.made[index], each.used[index]))
        if self._trusts_names():
            self._pair_equal(_named, _is_named)
            self._pair_readers()
            self._pair_origins()
        self._pair_equal(lambda each, index: each.made[index])
        self._pair_equal(lambda each, index: each.used[index])
        self._pair_equal(_named, _is_named)
        for olds, news in self._gaps():
            self._align(olds, news)
        self._pair_by_name()

    def _trusts_names(self) -> bool:
        """Whether most named layers of the smaller network are in the other one, with their settings.

        Names that only count, as in a sequence, are others behind an added layer.
        """
        first, second = (
            {_named(each, index) for index in each.layers if _is_named(each, index)}
            for each in (self.first, self.second)
        )
        return len(first & second) >= TRUST * min(len(first), len(second))

    def _pair_readers(self) -> None:
        """Pair layers of equal settings that read the same partners."""
        for index in self.first.layers:
            origin = max(self.first.reads[index], default=-1)
            if index in self.partner or origin not in self.partner:
                continue
            for other, _ in self.second.readers[self.partner[origin]]:
                if self._is_counterpart(index, other) and self.reads_alike(index, other):
                    self.add(index, other)
                    break

    def _pair_origins(self) -> None:
        """Pair layers of equal settings that partners read, in the same place where the order matters."""
        for index in reversed(self.first.layers):
            if index not in self.partner:
                origin = next(self._origins_alike(index), None)
                if origin is not None:
                    self.add(index, origin)

    def _origins_alike(self, index: int) -> Iterator[int]:
        for reader, place in self.first.readers[index]:
            if reader in self.partner:
                origins = self.second.reads[self.partner[reader]]
                is_commutative = self.first.form(reader).kind in COMMUTATIVE
                for origin in origins if is_commutative else origins[place : place + 1]:
                    if origin >= 0 and self._is_counterpart(index, origin):
                        yield origin

    def _is_counterpart(self, index: int, other: int) -> bool:
        """Whether a layer without a partner has the settings of another one and is in a block of its name."""
        blocks = [each.rows[at].name.rpartition(".")[0] for each, at in ((self.first, index), (self.second, other))]
        is_alike = self.first.form(index).outline == self.second.form(other).outline
        return is_alike and blocks[0] == blocks[1] and other not in self.back

    def _pair_equal(
        self,
        key: Callable[[Structure, int], Hashable],
        has_key: Callable[[Structure, int], bool] = lambda structure, index: True,
    ) -> None:
        """Pair the layers of equal keys; of several, the one that reads the partners of what this one reads."""
        candidates: dict[Hashable, list[int]] = defaultdict(list)
        for index in self.second.layers:
            if index not in self.back and has_key(self.second, index):
                candidates[key(self.second, index)].append(index)
        for index in self.first.layers:
            if index in self.partner or not has_key(self.first, index):
                continue
            found = candidates.get(key(self.first, index))
            if found:
                best = max(found, key=lambda other: (self._likeness(index, other), -other))
                found.remove(best)
                self.add(index, best)

    def _likeness(self, index: int, other: int) -> tuple[bool, bool]:
        return self.reads_alike(index, other), self.first.rows[index].name == self.second.rows[other].name

    def reads_alike(self, index: int, other: int) -> bool:
        """Whether two layers read partners, or the same inputs."""
        reads = [origin if origin < 0 else self.partner.get(origin) for origin in self.first.reads[index]]
        if self.first.form(index).kind in COMMUTATIVE:
            return Counter(reads) == Counter(self.second.reads[other])
        return reads == list(self.second.reads[other])

    def add(self, index: int, other: int) -> None:
        """Make two layers a pair."""
        self.partner[index] = other
        self.back[other] = index

    def _gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """The layers without partners between neighbouring pairs that are in order."""
        first, second = self.first.layers, self.second.layers
        places = {other: place for place, other in enumerate(second)}
        pairs = [(place, places[self.partner[index]]) for place, index in enumerate(first) if index in self.partner]
        in_order = [pairs[place] for place in longest_rise([other for _, other in pairs])]
        gaps = list(pairwise([(-1, -1), *in_order, (len(first), len(second))]))
        for (a, b), (next_a, next_b) in gaps:
            olds = [index for index in first[a + 1 : next_a] if index not in self.partner]
            news = [index for index in second[b + 1 : next_b] if index not in self.back]
            if olds and news:
                yield olds, news

    def _align(self, olds: Sequence[int], news: Sequence[int]) -> None:
        if len(olds) * len(news) > MAX_CELLS:
            kinds = [self.first.form(index).kind for index in olds], [self.second.form(index).kind for index in news]
            for a, b in common_subsequence(*kinds):
                self.add(olds[a], news[b])
            return
        best = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
        for a in range(len(olds) - 1, -1, -1):
            for b in range(len(news) - 1, -1, -1):
                score = self._score(olds[a], news[b])
                best[a][b] = max(best[a + 1][b], best[a][b + 1], score + best[a + 1][b + 1] if score else 0)
        found = []  # added at the end, because a pair changes the scores of others
        a = b = 0
        while a < len(olds) and b < len(news):
            score = self._score(olds[a], news[b])
            if score and best[a][b] == score + best[a + 1][b + 1]:
                found.append((olds[a], news[b]))
                a, b = a + 1, b + 1
            elif best[a][b] == best[a + 1][b]:
                a += 1
            else:
                b += 1
        for index, other in found:
            self.add(index, other)

    def _score(self, index: int, other: int) -> int:
        """How well two layers fit; 0 where they cannot be a pair."""
        form, against = self.first.form(index), self.second.form(other)
        row, counterpart = self.first.rows[index], self.second.rows[other]
        if form.kind != against.kind:
            is_custom = "custom" in (form.kind, against.kind)
            return int(is_custom and (row.params, row.output_shape) == (counterpart.params, counterpart.output_shape))
        score = SAME_FORM if form.outline == against.outline else SAME_KIND
        score += SAME_NAME if row.name == counterpart.name else 0
        return score + (SAME_ORIGIN if self.reads_alike(index, other) else 0)

    def _pair_by_name(self) -> None:
        """Pair what is left by kind and name: branches in another order have no common gap."""
        left = {
            (self.second.rows[other].name, self.second.form(other).kind): other
            for other in self.second.layers
            if other not in self.back
        }
        for index in self.first.layers:
            other = left.get((self.first.rows[index].name, self.first.form(index).kind))
            if index not in self.partner and other is not None:
                self.add(index, other)


def _named(structure: Structure, index: int) -> Hashable:
    return structure.form(index).outline, structure.rows[index].name


def _is_named(structure: Structure, index: int) -> bool:
    """Whether a layer has a name of its own, which does not count unnamed layers."""
    return not is_numbered(structure.report.graph.nodes[index])
