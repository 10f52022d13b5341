"""The figures of the shipped networks, read from a shipped file, or computed.

Analysing every network takes seconds; reading their figures takes milliseconds. The file has one line for each target,
in the order of the specs. A line has the digest of the texts behind its figures. It is ignored where the present texts
have another digest.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from convcalc import shipped
from convcalc.report.figure import ZOO, Figure
from convcalc.report.figures import shown_in
from convcalc.report.sums import Partial, status
from convcalc.targets import names

if TYPE_CHECKING:
    from convcalc.report.report import Report

FILE = "figures.jsonl"
DIGEST = 16  # hexadecimal digits: 64 bits
FIGURES = shown_in(ZOO)


class ZooNetwork(NamedTuple):
    """One shipped spec or variant, with the totals that the zoo shows, by name."""

    target: str
    name: str
    description: str
    citation: str
    inputs: dict[str, list[int]]
    figures: dict[str, Any]

    @property
    def family(self) -> str:
        """The name of its file."""
        return self.target.partition("@")[0]

    @property
    def variant(self) -> str | None:
        return self.target.partition("@")[2] or None

    def number(self, figure: Figure) -> int | None:
        """A count, or for a receptive field the size along its smallest axis, in pixels.

        With several outputs or inputs it is the largest; None where it is unknown.
        """
        value = self.figures[figure.name]
        return value if figure.is_sum else max(_least(value), default=None)

    def fields(self) -> dict[str, Any]:
        """The fields of the network, by name."""
        return {**{name: value for name, value in self._asdict().items() if name != "figures"}, **self.figures}

    def to_dict(self) -> dict[str, Any]:
        """The entry for `convcalc zoo --format json`; `status` names the counts that are not complete."""
        found = {figure.name: status(self.figures[figure.name]) for figure in FIGURES if figure.is_sum}
        words = {name: word for name, word in found.items() if word}
        return {**self.fields(), **({"status": words} if words else {})}


def _least(field: Any) -> Iterator[int]:
    """The smallest size of each receptive field that is known along every axis."""
    if isinstance(field, dict):
        for part in field.values():
            yield from _least(part)
    elif field and None not in field:
        yield min(field)


def entry(report: Report) -> ZooNetwork:
    """The entry of an analysed network."""
    from convcalc.report.rows import plain

    graph = report.graph
    return ZooNetwork(
        report.target, report.name, graph.description, graph.citation, plain(report.inputs),
        {figure.name: plain(figure.of_network(report)) for figure in FIGURES},
    )  # fmt: skip


def targets(families: Collection[str]) -> list[str]:
    """The targets of some files: each file and its variants, in the order of the list."""
    return [target for target in names.shipped_targets() if target.partition("@")[0] in families]


def computed(wanted: Iterable[str]) -> Iterator[ZooNetwork]:
    """The entries of some targets, analysed one by one."""
    from convcalc.api import analyse

    for target in wanted:
        yield entry(analyse(target))


def texts(family: str) -> dict[str, str]:
    """The text of a spec and the texts of the shipped specs that it may include, by name.

    For speed no YAML is read: in a text with the word `include`, every name of a shipped spec counts. A wrong one only
    costs an unnecessary analysis.
    """
    files, found, waiting = shipped.files(), dict[str, str](), [family]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _text(files[name])
            if "include" in found[name]:
                waiting += set(re.findall(r"[\w-]+", found[name])) & files.keys()
    return found


def digest(family: str) -> str:
    """The digest of all texts behind a spec's figures."""
    from hashlib import sha256

    found = texts(family)
    return sha256("\0".join(found[name] for name in sorted(found)).encode()).hexdigest()[:DIGEST]


def lines() -> Iterator[str]:
    """The lines of the file of figures, computed."""
    for found in computed(names.shipped_targets()):
        yield json.dumps({**found.to_dict(), "digest": digest(found.family)}, ensure_ascii=False) + "\n"


def path() -> str:
    """The path of the file of figures."""
    return os.path.join(shipped.directory(), FILE)


def stored() -> dict[str, list[ZooNetwork]]:
    """The entries of the file, by family, without those whose spec has changed since.

    Without a readable file there are no entries, and all must be computed.
    """
    try:
        records = [json.loads(line) for line in _text(path()).splitlines()]
        by_family: dict[str, list[tuple[str, ZooNetwork]]] = {}
        for record in records:
            mark, found = record.pop("digest"), _entry(record)
            by_family.setdefault(found.family, []).append((mark, found))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {
        family: [found for _, found in by_family[family]]
        for family in shipped.files()
        if family in by_family and {mark for mark, _ in by_family[family]} == {digest(family)}
    }


def _entry(record: dict[str, Any]) -> ZooNetwork:
    for name in record.pop("status", {}):
        if record[name] is not None:
            record[name] = Partial(record[name])
    figures = {figure.name: record.pop(figure.name) for figure in FIGURES}
    return ZooNetwork(**record, figures=figures)


def _text(name: str) -> str:
    with open(name, encoding="utf-8") as file:
        return file.read()
