"""The longest common subsequence of two sequences: elements of both in the same order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from itertools import accumulate


def common_subsequence(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The positions of a longest common subsequence, as pairs that rise in both.

    Lengths are computed a whole row at a time, a bit a position (Hyyrö, Bit-parallel LCS-length computation revisited,
    2004), and the pairs found by halving (Hirschberg 1975): n · m / 64 steps of the machine, memory for n + m. A common
    beginning and end cost only their length.

    >>> common_subsequence("abcd", "xbxd")
    [(1, 1), (3, 3)]
    """
    pairs: list[tuple[int, int]] = []
    _collect(first, second, 0, 0, pairs)
    return pairs


def _collect(
    first: Sequence[Hashable], second: Sequence[Hashable], at: int, other: int, pairs: list[tuple[int, int]]
) -> None:
    """Append the pairs of two pieces that start at the positions `at` and `other`."""
    shorter = min(len(first), len(second))
    start = next((k for k in range(shorter) if first[k] != second[k]), shorter)
    end = next((k for k in range(shorter - start) if first[-1 - k] != second[-1 - k]), shorter - start)
    pairs += [(at + k, other + k) for k in range(start)]
    left, right = first[start : len(first) - end], second[start : len(second) - end]
    if len(left) == 1 and left[0] in right:
        pairs.append((at + start, other + start + list(right).index(left[0])))
    elif len(left) > 1 and right:
        middle = len(left) // 2
        before = _lengths(left[:middle], right)
        after = _lengths(left[middle:][::-1], right[::-1])[::-1]
        cut = max(range(len(right) + 1), key=lambda k: before[k] + after[k])
        _collect(left[:middle], right[:cut], at + start, other + start, pairs)
        _collect(left[middle:], right[cut:], at + start + middle, other + start + cut, pairs)
    ends = at + len(first), other + len(second)
    pairs += [(ends[0] - k, ends[1] - k) for k in range(end, 0, -1)]


def _lengths(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[int]:
    """The length of the longest common subsequence with each beginning of the second, from the empty one on."""
    places: dict[Hashable, int] = {}
    for position, item in enumerate(second):
        places[item] = places.get(item, 0) | 1 << position
    everywhere = (1 << len(second)) - 1
    row = everywhere  # a bit is 0 where the length rises
    for item in first:
        found = row & places.get(item, 0)
        row = ((row + found) | (row - found)) & everywhere
    bits = f"{row:0{len(second)}b}"[::-1]
    return list(accumulate((bit == "0" for bit in bits), initial=0))


def longest_rise(numbers: Sequence[int]) -> list[int]:
    """The positions of a longest rising subsequence of different numbers, in n · log n steps.

    >>> longest_rise([3, 0, 1, 4, 2])
    [1, 2, 4]
    """
    ends: list[int] = []  # of each length, the least number that a rise of it ends in
    holders: list[int] = []  # the positions of these numbers
    before: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(holders[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        holders[length : length + 1] = [position]
    rise = []
    position = holders[-1] if holders else -1
    while position >= 0:
        rise.append(position)
        position = before[position]
    return rise[::-1]
