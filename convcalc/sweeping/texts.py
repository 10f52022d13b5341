"""The text of a spec with those of the files that it includes: it can be built where these files are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convcalc.language.include import folders_of
from convcalc.language.parse import parse
from convcalc.text.source import IncludeReader, Source


class SpecText(NamedTuple):
    """A text, its name in messages, and the files that it includes by path: each path with the number of its text."""

    name: str
    text: str
    includes: tuple[tuple[str, int], ...] = ()


class Reading(NamedTuple):
    """A network of another format, read with one input: the spec, or why there is none."""

    input: str
    texts: tuple[SpecText, ...]
    problem: str = ""


def texts_of(source: Source) -> tuple[SpecText, ...]:
    """The text of a spec, and those that it includes by path. Raises SpecError where it is not well-formed."""
    if "include" not in source.text:
        return (SpecText(source.name, source.text),)
    reader = source.reader or folders_of(source)
    if reader is None:
        return (SpecText(source.name, source.text),)
    noting = _NotingReader(reader)
    fresh = Source(source.name, source.text, source.path)
    fresh.reader = noting
    parse(fresh)
    places = {source.path: 0, **{place: number for number, place in enumerate(noting.texts, 1)}}
    files = [(source.path, source.name, source.text)]
    files += [(place, each.name, each.text) for place, each in noting.texts.items()]
    return tuple(
        SpecText(name, text, tuple((path, places[found]) for path, found in noting.paths.get(place, {}).items()
                                   if found in places))
        for place, name, text in files
    )  # fmt: skip


def source_of(texts: Sequence[SpecText]) -> Source:
    """The spec of texts that `texts_of` gave."""
    source = Source(texts[0].name, texts[0].text, "0")
    source.reader = _CarriedTexts(texts)
    return source


class _NotingReader:
    """Reads as another reader does, and notes each path that a file includes, and each text. A place is a path."""

    def __init__(self, reader: IncludeReader) -> None:
        self.allowed = reader.allowed
        self.paths: dict[str, dict[str, str]] = {}
        self.texts: dict[str, Source] = {}
        self._reader = reader

    def find(self, path: str, beside: str) -> str | None:
        place = self._reader.find(path, beside)
        if place is not None:
            self.paths.setdefault(beside, {})[path] = place
        return place

    def read(self, place: str) -> Source:
        self.texts[place] = self._reader.read(place)
        return self.texts[place]


class _CarriedTexts:
    """Gives the texts of a spec in place of its files. A place is the number of a text."""

    allowed = "only the files that the spec included when the sweep began can be included"

    def __init__(self, texts: Sequence[SpecText]) -> None:
        self._texts = texts

    def find(self, path: str, beside: str) -> str | None:
        number = dict(self._texts[int(beside)].includes).get(path)
        return None if number is None else str(number)

    def read(self, place: str) -> Source:
        text = self._texts[int(place)]
        return Source(text.name, text.text, place)
