"""The text in the editor: read after each edit, and shown step by step, so that a newer text need not wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from convcalc.editor.places import entry_lines
from convcalc.editor.reading import Origin, Reading, Readings
from convcalc.language.overrides import Overrides
from convcalc.limits.expectations import check_expectations
from convcalc.page.network import first_layer
from convcalc.page.subject import findings
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.text.document import Document
from convcalc.text.source import Source
from playground.engine import views
from playground.engine.marks import INFO, mark

NAME = "spec"  # of the text in messages
MOST_CHARACTERS = 200_000
AS_WRITTEN = Overrides()  # one object: the readings are known by it
Step = dict[str, Any]


class Request(NamedTuple):
    """What the page shows: the text, a variant, the wiring whose parameters count, the open views, the chosen layer."""

    text: str
    variant: str | None = None
    wiring: str = views.WRITTEN
    open: tuple[str, ...] = ("graph", "layer")
    layer: str = ""

    @classmethod
    def of(cls, written: str) -> Request:
        """The request that the page wrote as JSON."""
        values = json.loads(written)
        return cls(**{**values, "open": tuple(values["open"])})


class Workbench:
    """The last texts and what the page shows of them.

    `report` is that of the last text that built. A view is sent again only where it has changed.
    """

    def __init__(self) -> None:
        self._readings = Readings(Origin(NAME, Source(NAME, "", ""), "float32", 1))
        self._sent: dict[str, tuple[Any, ...]] = {}
        self.reading: Reading | None = None
        self.report: Report | None = None
        self.place = 0  # of the chosen layer, for a text in which its name is missing

    def steps(self, request: Request) -> Iterator[Step | None]:
        """First the figures and the errors, then the open views, then what the rules find; None is a pause."""
        if len(request.text) > MOST_CHARACTERS:
            yield _too_long(request.text)
            return
        reading = self.reading = self._read(request)
        if reading.report is not None:
            self.report = reading.report
        errors = [mark(problem, NAME) for problem in reading.problems]
        yield {"kind": "figures", **self._figures(reading, request), "problems": errors}
        if self.report is None:
            return
        for name, value in self._views(self.report, request):
            yield {"kind": "view", "name": name, **value}
        if reading.report is not None:
            yield from self._findings(reading.report)

    def _read(self, request: Request) -> Reading:
        """The text in the variant; where it has no input of its own, in its first variant that has one."""
        document = Document(request.text)
        reading = self._readings.read(document, request.variant or None, AS_WRITTEN)
        spec = reading.spec
        if spec is None:
            return reading
        if request.variant and request.variant not in spec.variants:
            return self._read(request._replace(variant=None))
        with_input = [name for name, variant in spec.variants.items() if variant.input is not None]
        if reading.variant is None and spec.input is None and with_input:
            return self._readings.read(document, with_input[0], AS_WRITTEN)
        return reading

    def _figures(self, reading: Reading, request: Request) -> Step:
        """What the page needs at once, and of the network its figures and the chosen layer."""
        spec = reading.spec
        found: Step = {
            "current": reading.report is not None,
            "variant": reading.variant,
            "variants": reading.variants,
            "needs_variant": spec is not None and spec.input is None,
            "blocks": [] if spec is None else [*spec.blocks, *spec.custom],
            "params": list(reading.params()),
            "layers": _layers(reading),
        }
        if self.report is not None:
            row = self._chosen(self.report, request.layer)
            layer = {} if row is None else {"layer": row.name, "line": row.line}
            found |= {**layer, **views.figures(self.report, request.wiring)}
        return found

    def _chosen(self, report: Report, layer: str) -> Row | None:
        """The chosen layer; where it is gone, the one that is now in its place. None in a network without layers."""
        if not report.rows:
            return None
        found = next((row for row in report.rows if row.name == layer), None)
        if found is None:
            found = report.rows[min(self.place, len(report.rows) - 1) if layer else first_layer(report)]
        self.place = found.index
        return found

    def _views(self, report: Report, request: Request) -> Iterator[tuple[str, Step]]:
        """The open views that differ from those on the page."""
        row = self._chosen(report, request.layer)
        layer = "" if row is None else row.name
        for name in ("table", *request.open):
            of_layer = name in views.OF_A_LAYER
            key = (report, layer) if of_layer else (report,)
            if self._sent.get(name) != key and (layer or not of_layer):
                yield name, views.VIEWS[name](report, layer)
                self._sent[name] = key

    def _findings(self, report: Report) -> Iterator[Step | None]:
        """What `check` says of the network: its expectations, and the findings of each rule."""
        found = [mark(problem, NAME, INFO) for problem in check_expectations(report)]
        yield None
        for some in findings(report):
            found += [mark(each.problem, NAME) for each in some]
            yield None
        yield {"kind": "findings", "problems": found}


def _layers(reading: Reading) -> list[tuple[int, str]]:
    """Lines of the text, each with the first layer that its entry makes."""
    if reading.report is None:
        return []
    found: list[tuple[int, str]] = []
    names = [row.name for row in reading.report.rows]
    for line, name in sorted(entry_lines(reading).items()):
        inner = next((each for each in names if each == name or each.startswith(f"{name}.")), None)
        if inner is not None:
            found.append((line, inner))
    return found


def _too_long(text: str) -> Step:
    problem = Problem(
        "too-long",
        f"the text has {len(text):,} characters; the playground reads up to {MOST_CHARACTERS:,}",
        Source(NAME, text, "").where(0),
        help="use the command line, which reads larger files",
    )
    return {"kind": "figures", "current": False, "variants": [], "layers": [], "blocks": [], "params": [],
            "needs_variant": False, "variant": None, "problems": [mark(problem, NAME)]}  # fmt: skip
