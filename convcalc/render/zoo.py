"""The shipped networks as sheets and as records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.arith.units import group_digits
from convcalc.catalogue.figures import FIGURES, ZooNetwork
from convcalc.render.cells import Number, by_name, counted, extent, extents, number_format
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.report.figure import Figure

CSV_FIELDS = [*[name for name in ZooNetwork._fields if name != "figures"], *[figure.name for figure in FIGURES]]
_ABOUT = Head("about", importance=58, wrap=True)
FIELD_NOTE = "field: receptive field of the output in pixels, not cut at the border"
# A family name with up to two words before it: van der Maaten, Le Cun. Every word but a particle has a capital.
_NAME = r"(?:(?:[A-Z]|van |de |der |von )[^\s,;]*\s?){1,3}"
_AUTHORS = re.compile(
    rf"(?P<first>{_NAME})(?:(?P<more>(?:, {_NAME})*) and (?P<last>{_NAME}))?(?P<others> et al\.)?[ ,]"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class ZooPrintout:
    """Shipped networks. `heading` and `facts` describe a single file; `grouped` puts variants below their file.

    `about` adds what each network is, and `si` is as in a report. Records and data always have everything.
    """

    entries: Sequence[ZooNetwork]
    grouped: bool = False
    heading: str = ""
    facts: Sequence[tuple[str, str]] = ()
    about: bool = False
    si: bool = False
    title = "Shipped networks"

    def sheets(self, width: int | None) -> list[Sheet]:
        if not self.entries:
            return []
        grouped = self.grouped and width is not None
        number = number_format(self.si)
        if self.facts:
            return [family_sheet(self.entries, number, grouped=grouped, title=self.heading, facts=self.facts)]
        return [zoo_sheet(self.entries, number, grouped=grouped, about=self.about)]

    def data(self) -> list[dict[str, Any]]:
        return [entry.to_dict() for entry in self.entries]

    def records(self) -> Iterator[Record]:
        """One record for each target, with exact figures; an unknown one is empty."""
        yield CSV_FIELDS
        for entry in self.entries:
            sizes = {figure.name: extents(entry.figures[figure.name]) for figure in FIGURES if not figure.is_sum}
            yield list({**entry.fields(), "inputs": by_name(entry.inputs), **sizes}.values())


def zoo_sheet(
    entries: Sequence[ZooNetwork], number: Number = group_digits, *, grouped: bool = False, about: bool = False
) -> Sheet:
    """One line for each target, with its figures; `about` adds its source and what it is.

    Of several inputs or fields only the first is shown, so that one network does not widen the whole table. `grouped`
    puts variants below their file.
    """
    heads = [*_heads(), *([Head("source", importance=30), _ABOUT] if about else [])]
    rows, family, shown = [], "", ["", ""]
    for entry in entries:
        below = grouped and entry.variant is not None
        is_first, family = entry.family != family, entry.family
        if below and is_first:
            rows.append([family, *[""] * (len(heads) - 1)])
        row = [_label(entry, below), *_cells(entry, number, brief=True)]
        if about:
            texts = [short_citation(entry.citation), entry.description]
            row += ["" if below and not is_first and text == last else text for text, last in zip(texts, shown)]
            shown = texts
        rows.append(row)
    more = "" if about else "; --about adds what each is"
    return Sheet("", heads, rows, notes=[FIELD_NOTE, f"`convcalc zoo NAME` shows more about one of them{more}"])


def _label(entry: ZooNetwork, below: bool) -> str:
    """The target, or only the variant where it is below its file."""
    return f"  @{entry.variant}" if below else entry.target


def family_sheet(
    entries: Sequence[ZooNetwork],
    number: Number = group_digits,
    *,
    grouped: bool = False,
    title: str = "",
    facts: Sequence[tuple[str, str]] = (),
) -> Sheet:
    """One line for each target of a single file, with all inputs and fields; `facts` are those of the file."""
    known = dict(facts).get("about")
    rows = [
        [
            _label(entry, grouped and entry.variant is not None),
            *_cells(entry, number, brief=False),
            "" if entry.description == known else entry.description,
        ]
        for entry in entries
    ]
    heads = [*_heads(), _ABOUT]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    family = entries[0].family
    note = f"`convcalc zoo {family} --show` prints the spec; `convcalc count TARGET` its layers"
    return Sheet(title, heads, rows, facts=facts, notes=[FIELD_NOTE, note])


def _heads() -> list[Head]:
    figures = [Head(figure.header, right=figure.is_sum, importance=figure.beside) for figure in FIGURES]
    return [Head("target", importance=100, role="name"), Head("input", importance=45), *figures]


def _cells(entry: ZooNetwork, number: Number, *, brief: bool) -> list[str]:
    """The input and the figures of a network."""
    shapes = _brief(list(map(extent, entry.inputs.values()))) if brief else by_name(entry.inputs)
    return [shapes, *[_figure(entry, figure, number, brief) for figure in FIGURES]]


def _figure(entry: ZooNetwork, figure: Figure, number: Number, brief: bool) -> str:
    value = entry.figures[figure.name]
    if figure.is_sum:
        return counted(value, number)
    return _brief(_sizes(value)) if brief else extents(value)


def _sizes(field: Any) -> list[str]:
    """The sizes of every output and input, one after the other."""
    return [text for part in field.values() for text in _sizes(part)] if isinstance(field, dict) else [extent(field)]


def _brief(texts: list[str]) -> str:
    """The first of several texts.

    >>> _brief(["3x64x64"]), _brief(["451x451", "291x291"])
    ('3x64x64', '451x451 …')
    """
    return f"{texts[0]} …" if len(texts) > 1 else texts[0]


def short_citation(citation: str) -> str:
    """The authors and the year of the first source; the whole source where they cannot be recognised.

    >>> short_citation("He, Zhang, Ren and Sun, Deep Residual Learning, CVPR 2016; torchvision resnet.py")
    'He et al. 2016'
    >>> short_citation("Liang and Hu, Recurrent Networks, CVPR 2015"), short_citation("Chollet, Xception, CVPR 2017")
    ('Liang and Hu 2015', 'Chollet 2017')
    >>> short_citation("Stanford's course notes")
    "Stanford's course notes"
    """
    first = citation.partition(";")[0]
    authors, year = _AUTHORS.match(first), _YEAR.search(first)
    if authors is None or year is None:
        return first
    several = authors["more"] or authors["others"]
    last = f" and {authors['last']}" if authors["last"] and not several else ""
    return f"{authors['first']}{' et al.' if several else last} {year[0]}"
