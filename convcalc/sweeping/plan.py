"""The plan of a sweep: everything that a worker needs, as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from convcalc.sweeping.texts import Reading, SpecText

# What does not decide the figures: how the target is called here.
_LABELS = ("label",)


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep as a call gives it. `axes`, `settings` and `where` are texts as a user writes them.

    `texts` has the text of the spec, then those of the files that it includes. `columns` are the figures of each
    row: names, or expressions over names. With `sample` only so many candidates are built, and `seed` decides which.
    A search improves the figures `search`, as the selection writes them, and builds `budget` candidates.
    `readings` are of a network of another format whose input varies: it is read once with each input.
    """

    label: str
    texts: tuple[SpecText, ...]
    axes: tuple[str, ...]
    columns: tuple[str, ...]
    variant: str | None = None
    settings: tuple[str, ...] = ()
    input: str | None = None
    sharing: str | None = None
    keep_size: bool = False
    where: tuple[str, ...] = ()
    sample: int | None = None
    seed: int = 0
    search: tuple[str, ...] = ()
    budget: int | None = None
    readings: tuple[Reading, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON has it."""
        readings = [{**reading._asdict(), "texts": _plain_texts(reading.texts)} for reading in self.readings]
        return {**asdict(self), "texts": _plain_texts(self.texts), "readings": readings}

    @classmethod
    def of_dict(cls, value: Mapping[str, Any]) -> Plan:
        """The plan of a dictionary that `to_dict` gave, also after a way through JSON."""
        lists = {key: tuple(item) for key, item in value.items() if isinstance(item, (list, tuple))}
        readings = [Reading(each["input"], _texts(each["texts"]), each["problem"]) for each in value["readings"]]
        return cls(**{**value, **lists, "texts": _texts(value["texts"]), "readings": tuple(readings)})

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides the rows; the names of files do not."""
        value = {key: item for key, item in self.to_dict().items() if key not in _LABELS}
        value["texts"] = [[text.text, text.includes] for text in self.texts]
        value["readings"] = [[each.input, each.problem, *[text.text for text in each.texts]] for each in self.readings]
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain_texts(texts: Iterable[SpecText]) -> list[dict[str, Any]]:
    return [text._asdict() for text in texts]


def _texts(values: Iterable[Mapping[str, Any]]) -> tuple[SpecText, ...]:
    return tuple(
        SpecText(text["name"], text["text"], tuple((path, number) for path, number in text["includes"]))
        for text in values
    )
