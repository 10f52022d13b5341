"""Finds our words for the words of other libraries.

Only the help of a message and the completion of an unknown word load this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from convcalc import layers
from convcalc.manual import foreign_keys as keys
from convcalc.manual import foreign_types as types

_RANK = re.compile(r"(?<!^)[123]d")
_MODULES = re.compile(r"^(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")
RANKS = ("1d", "2d", "3d")


class Meaning(NamedTuple):
    """Our type for a foreign word, and the parameters whose values the word says."""

    type: str
    keys: dict[str, Any]


@lru_cache(4096)
def squashed(word: str) -> str:
    """A word without case, underscores and the modules before it.

    >>> squashed("nn.MaxPool2d"), squashed("global_avg_pool"), squashed("leaky-relu")
    ('maxpool2d', 'globalavgpool', 'leakyrelu')
    """
    return re.sub(r"[_\-\s]", "", _MODULES.sub("", word)).lower()


def _stem(word: str) -> tuple[str, str]:
    """The squashed word without its rank, and the rank.

    >>> _stem("Conv2DTranspose"), _stem("nn.Linear")
    (('convtranspose', '2d'), ('linear', ''))
    """
    whole = squashed(word)
    rank = _RANK.search(whole)
    return (whole[: rank.start()] + whole[rank.end() :], rank.group()) if rank else (whole, "")


def _by_word(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """For each word of a table, our words for it in the order of the table."""
    found: dict[str, tuple[str, ...]] = {}
    for ours, theirs in table.items():
        for word in theirs.split():
            found[squashed(word)] = (*found.get(squashed(word), ()), ours)
    return found


_TYPES = _by_word(types.TYPES)
_WITH_KEYS = {squashed(word): meaning for word, meaning in types.WITH_KEYS.items()}
_ADVICE = {squashed(word): text for word, text in types.ADVICE.items()}
_PARAMETERS = _by_word(keys.PARAMETERS)
_PARAMETER_ADVICE = {squashed(word): text for word, text in keys.PARAMETER_ADVICE.items()}
_TOP_LEVEL = _by_word(keys.TOP_LEVEL)
_FROM_INPUT, _NO_FIGURE, _FUNCTIONS, _OPPOSITE = (
    frozenset(map(squashed, group.split()))
    for group in (keys.FROM_INPUT, keys.NO_FIGURE, keys.FUNCTIONS, keys.OPPOSITE)
)


def meaning(word: str, known: Collection[str]) -> Meaning | None:
    """Our type for a word, None where there is none. `known` are the types of the file besides the layer types."""
    whole = squashed(word)
    for name in (*layers.names(), *known):
        if squashed(name) == whole:
            return Meaning(name, {})
    stem, rank = _stem(word)
    for each in (stem, stem.removeprefix("lazy"), stem.removesuffix("layer")):
        if each in _WITH_KEYS:
            type, keys = _WITH_KEYS[each]
            return Meaning(with_rank(type, rank, known), dict(keys))
        if each in _TYPES:
            return Meaning(with_rank(_TYPES[each][0], rank, known), {})
    bare = stem.removeprefix("lazy")
    of_other_rank = [name for name in layers.names() if _stem(name)[0] == bare]
    return Meaning(with_rank(of_other_rank[0].rstrip("123d"), rank, known), {}) if of_other_rank else None


def with_rank(stem: str, rank: str, known: Collection[str]) -> str:
    """The type of a stem: with the rank of the word, else for images; a stem may be a whole type."""
    if rank and layers.find(stem + rank):
        return stem + rank
    return stem if stem in known or layers.find(stem) else f"{stem}2d"


def ranks(type: str) -> tuple[str, ...]:
    """The types that differ from a type in the rank alone, itself included; empty where it has no rank."""
    stem = type[:-2] if type[-2:] in RANKS else ""
    return tuple(name for rank in RANKS if (name := stem + rank) in layers.names()) if stem else ()


def advice(word: str) -> str:
    """What to write for a word that means no type of ours; empty where nothing is known about it."""
    whole, (stem, _) = squashed(word), _stem(word)
    for ending, text in types.ENDINGS.items():
        if whole.endswith(ending):
            return text
    for beginning, text in types.BEGINNINGS.items():
        if whole.startswith(beginning):
            return text
    return _ADVICE.get(whole) or _ADVICE.get(stem, "")


def parameter(word: str, known: Iterable[str], source: str = "") -> str:
    """Our parameter for a word, one of those that a type has; empty where there is none.

    `source` is the type as the other library calls it.
    """
    known = list(known)
    renamed = keys.RENAMED.get(source_stem(source), {}).get(word)
    if renamed in known:
        return str(renamed)
    whole = squashed(word)
    for name in known:
        if squashed(name) == whole:
            return name
    return next((ours for ours in _PARAMETERS.get(whole, ()) if ours in known), "")


def source_stem(source: str) -> str:
    """The key of a foreign type in the tables that have a row for each: `up_sampling` of UpSampling2D."""
    stem = _stem(source)[0]
    return next((word for word in (*keys.RENAMED, *types.POSITIONAL) if squashed(word) == stem), "")


def says_opposite(word: str) -> bool:
    """Whether a parameter is true where ours is false."""
    return squashed(word) in _OPPOSITE


def is_function(word: str) -> bool:
    """Whether a parameter has the name of a function as its value."""
    return squashed(word) in _FUNCTIONS


def parameter_advice(word: str) -> str:
    """What to write for a parameter that a type of ours does not have; empty where nothing is known about it."""
    whole = squashed(word)
    if whole in _PARAMETER_ADVICE:
        return _PARAMETER_ADVICE[whole]
    if whole in _FROM_INPUT:
        return "leave it out: it follows from the input"
    if whole in _NO_FIGURE or whole.endswith(keys.NO_FIGURE_ENDINGS):
        return "leave it out: it changes no figure"
    return ""


def top_level(word: str) -> str:
    """Our key of a file for a word; empty where there is none."""
    return next(iter(_TOP_LEVEL.get(squashed(word), ())), "")


def value_advice(key: str, value: str, known: Collection[str]) -> str:
    """What to write for a word that a parameter of ours does not accept; empty where nothing is known about it."""
    ours, text = keys.VALUES.get((key, value.lower()), ("", ""))
    return text if ours in known else ""


def counts_with_batch(word: str) -> bool:
    """Whether a parameter counts axes in another way than ours: its value cannot be carried over."""
    return word in keys.COUNTED_WITH_BATCH


def positional(word: str, count: int) -> list[str]:
    """The names of the `count` arguments of a call that have none, in order."""
    if count == 1 and squashed(word) in types.ONE_ARGUMENT:
        return [types.ONE_ARGUMENT[squashed(word)]]
    stem, is_keras = source_stem(word), "D" in word and bool(_stem(word)[1])
    known = types.KERAS_POSITIONAL.get(stem, "") if is_keras else ""
    return (known or types.POSITIONAL.get(stem, "")).split()


def types_for(beginning: str) -> list[str]:
    """Our types whose foreign words begin like this, for completion."""
    start = squashed(beginning)
    if len(start) < 2:
        return []
    found = [name for name in layers.names() if squashed(name).startswith(start)]
    for word, ours in _stems():
        for rank in ("", *RANKS):
            if f"{word}{rank}".startswith(start):
                of_rank = [ours + each for each in ([rank] if rank else RANKS)]
                found += [ours, *of_rank]
    return [name for name in dict.fromkeys(found) if layers.find(name)]


def _stems() -> Iterator[tuple[str, str]]:
    """Each foreign word without its rank, and the stem of our type."""
    yield from ((word, ours[0]) for word, ours in _TYPES.items())
    yield from ((word, ours) for word, (ours, _) in _WITH_KEYS.items())
