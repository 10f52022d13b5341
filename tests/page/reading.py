"""Reads a page as a browser does: balanced elements, the static tables, and the data of the script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

import convcalc
from convcalc.page.page import page
from convcalc.page.subject import subject

VOID = {"meta", "br"}
Box = tuple[int, int]


class Element(NamedTuple):
    name: str
    attributes: dict[str, str | None]


class Page(HTMLParser):
    """The elements of a page, and its texts by the element around them. Unbalanced elements raise AssertionError."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[Element] = []
        self.texts: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.elements.append(Element(tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        self.texts.append((inside, data))
        if self.rows and {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data.rstrip("\n")

    @property
    def all_data(self) -> list[dict[str, Any]]:
        """The data of each network."""
        return [json.loads(text) for inside, text in self.texts if inside == "script" and text.startswith("{")]

    @property
    def data(self) -> Data:
        (found,) = self.all_data
        return Data(found)


class Data:
    """The data of one network, in words."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def say(self, number: int) -> str:
        text = self.raw["texts"][number]
        assert isinstance(text, str)
        return text

    def column(self, name: str) -> list[str]:
        """The texts of a column, for each layer and then for each block."""
        (column,) = [each for each in self.raw["columns"] if each["name"] == name]
        return [self.say(column["values"][rank]) for rank in column["ranks"]]

    def steps(self, line: int) -> list[list[str]]:
        """The derivation of a layer."""
        return [[self.say(number) for number in self.raw["steps"][step]] for step in self.raw["layers"][line][1]]

    def boxes(self, line: int) -> list[list[list[Box | None]]]:
        """For each axis of the first input of a layer, the boxes inside the image and those not cut at its border."""
        found = []
        for number in self.raw["layers"][line][3][0][2]:
            _, _, _, clipped, unclipped = self.raw["axes"][number]
            found.append([list(unrolled(clipped)), list(unrolled(unclipped if unclipped is not None else clipped))])
        return found


def unrolled(runs: list[list[int]]) -> Iterator[Box | None]:
    """The boxes of runs, as the script reads them."""
    for run in runs:
        for place in range(run[0]):
            yield None if len(run) == 1 else (run[1] + place * run[3], run[2] + place * run[4])


def page_of(*reports: convcalc.Report) -> Page:
    """The page of some reports."""
    return Page("".join(page([subject(report) for report in reports])))
