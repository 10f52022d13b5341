"""The shipped networks as sheets and as records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.catalogue.figures import FIGURES, ZooNetwork
from convcalc.render.cells import by_name, counted, extent, extents, number_format
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.report.figure import Figure

CSV_FIELDS = [*[name for name in ZooNetwork._fields if name != "figures"], *[figure.name for figure in FIGURES]]
# In a longer list each network has one line: a reader scans it.
LONG_LIST = 100
# A family name with up to two words before it: van der Maaten, Le Cun. Every word but a particle has a capital.
_NAME = r"(?:(?:[A-Z]|van |de |der |von )[^\s,;]*\s?){1,3}"
_AUTHORS = re.compile(
    rf"(?P<first>{_NAME})(?:(?P<more>(?:, {_NAME})*) and (?P<last>{_NAME}))?(?P<others> et al\.)?[ ,]"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class ZooPrintout:
    """Shipped networks. `heading` and `facts` describe a single file; `grouped` puts variants below their file."""

    entries: Sequence[ZooNetwork]
    grouped: bool = False
    heading: str = ""
    facts: Sequence[tuple[str, str]] = ()
    title = "Shipped networks"

    def sheets(self, width: int | None) -> list[Sheet]:
        if not self.entries:
            return []
        on_terminal = width is not None
        grouped = self.grouped and on_terminal
        return [zoo_sheet(self.entries, rounded=on_terminal, grouped=grouped, title=self.heading, facts=self.facts)]

    def data(self) -> list[dict[str, Any]]:
        return [entry.to_dict() for entry in self.entries]

    def records(self) -> Iterator[Record]:
        """One record for each target, with exact figures; an unknown one is empty."""
        yield CSV_FIELDS
        for entry in self.entries:
            sizes = {figure.name: extents(entry.figures[figure.name]) for figure in FIGURES if not figure.is_sum}
            yield list({**entry.fields(), "inputs": by_name(entry.inputs), **sizes}.values())


def zoo_sheet(
    entries: Sequence[ZooNetwork],
    *,
    rounded: bool = False,
    grouped: bool = False,
    title: str = "",
    facts: Sequence[tuple[str, str]] = (),
) -> Sheet:
    """One line for each target.

    `rounded` is for a terminal: only the first of several inputs or fields is shown, so that one network does not widen
    the whole table. `grouped` puts variants below their file, without what the file's line already shows. `facts` are
    the facts of a single file, shown once above all lines.
    """
    heads = [
        Head("target", importance=100, role="name"),
        Head("input", importance=60),
        *[Head(figure.header, right=figure.is_sum, importance=figure.beside) for figure in FIGURES],
        Head("source", importance=40),
        Head("about", importance=30, wrap=len(entries) <= LONG_LIST),
    ]
    files = {entry.target: entry for entry in entries if entry.variant is None} if grouped else {}
    brief = rounded and not facts
    rows = []
    for entry in entries:
        file = files.get(entry.family) if entry.variant is not None else None
        already_shown = (dict(facts).get("about"), file and file.description)
        rows.append([
            entry.target if file is None else f"  @{entry.variant}",
            _brief(list(map(extent, entry.inputs.values()))) if brief else by_name(entry.inputs),
            *[_figure(entry, figure, rounded, brief) for figure in FIGURES],
            short_citation(entry.citation) if file is None and not facts else "",
            "" if entry.description in already_shown else entry.description,
        ])  # fmt: skip
    notes = ["field: receptive field of the output in pixels, not cut at the border"]
    if facts and entries:
        notes.append(f"`convcalc zoo {entries[0].family} --show` prints the spec; `convcalc count TARGET` its layers")
    elif not facts:
        notes.append("`convcalc zoo NAME` shows more about one of them")
    # Columns of figures always stay; an empty column of text is left out.
    kept = [index for index, head in enumerate(heads) if head.importance > 50 or any(row[index] for row in rows)]
    return Sheet(
        title,
        [heads[index] for index in kept],
        [[row[index] for index in kept] for row in rows],
        facts=facts,
        notes=notes,
    )


def _figure(entry: ZooNetwork, figure: Figure, rounded: bool, brief: bool) -> str:
    value = entry.figures[figure.name]
    if figure.is_sum:
        return counted(value, number_format(figure, rounded=rounded))
    return _brief(_sizes(value)) if brief else extents(value)


def _sizes(field: Any) -> list[str]:
    """The sizes of every output and input, one after the other."""
    return [text for part in field.values() for text in _sizes(part)] if isinstance(field, dict) else [extent(field)]


def _brief(texts: list[str]) -> str:
    """The first of several texts.

    >>> _brief(["3x64x64"]), _brief(["451x451", "291x291"])
    ('3x64x64', '451x451, …')
    """
    return f"{texts[0]}, …" if len(texts) > 1 else texts[0]


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
