"""A text read: its spec, its figures where it builds, what is wrong where it does not, and where its layers stand."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.analysis.analyse import Analysis
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.language.spec import Spec
from convcalc.network.build import build
from convcalc.network.graph import Graph
from convcalc.network.trace import Trace
from convcalc.problems import Problem, Where
from convcalc.report.report import Report
from convcalc.targets.find import unknown_variant
from convcalc.text.collector import Problems
from convcalc.text.document import Document
from convcalc.text.source import IncludeReader, Source

WRONG_VIEW = "view"  # the rule of what is wrong with a view and not with the text


class Origin:
    """Where texts stand for: the name in messages, the place from which they include files, and for whom they count."""

    __slots__ = ("batch", "dtype", "label", "name", "path", "reader")

    def __init__(self, label: str, source: Source, dtype: str, batch: int) -> None:
        self.label = label
        self.name = source.name
        self.path = source.path
        self.reader: IncludeReader | None = source.reader
        self.dtype = dtype
        self.batch = batch

    def source(self, document: Document) -> Source:
        """A text in the place of the file."""
        source = Source(self.name, document.body, self.path)
        source.reader = self.reader
        return source


class Reading:
    """What a text holds, in one of its variants and one view.

    `report` is None where `problems` has any; `spec` is None where the text is no YAML.
    """

    def __init__(self, document: Document, variant: str | None, view: Overrides, origin: Origin) -> None:
        self.document = document
        self.variant = variant
        self.view = view
        self.source = origin.source(document)
        self.trace = Trace()
        self.spec: Spec | None = None
        self.misread: Problems | None = None  # what is wrong before anything is built
        self.graph: Graph | None = None
        self.report: Report | None = None
        self.problems: list[Problem] = []
        try:
            self.spec, self.misread = parse(self.source, document.compose(self.source))
            self.graph = self._build(self.spec, self.misread, variant, view)
            label = origin.label if variant is None else f"{origin.label}@{variant}"
            self.report = Report(Analysis(self.graph), target=label, dtype=origin.dtype, batch=origin.batch)
        except SpecError as error:
            self.problems = error.problems
        except UsageError as error:
            self.problems = [Problem(WRONG_VIEW, error.message, Where(self.source.name), help=error.help)]

    def _build(self, spec: Spec, problems: Problems, variant: str | None, view: Overrides) -> Graph:
        if variant is not None and variant not in spec.variants:
            raise unknown_variant(self.source, variant, list(spec.variants))
        view.check_params(spec.params.pairs)
        return build(spec, problems, variant, view, self.trace)

    @property
    def variants(self) -> list[str]:
        return [] if self.spec is None else list(self.spec.variants)


class Met(NamedTuple):
    """What one of the networks of a text meets; `graph` is None where `problems` keep it from being built."""

    trace: Trace
    source: Source
    graph: Graph | None
    problems: list[Problem]


def traces(reading: Reading) -> dict[str | None, Met]:
    """What the text of a reading and each of its variants meet as it is written. Raises SpecError."""
    spec, source, misread = reading.spec, reading.source, reading.misread
    if spec is None or misread is None:
        raise SpecError(reading.problems)
    result: dict[str | None, Met] = {}
    for variant in (None, *spec.variants):
        if variant == reading.variant and not reading.view:
            result[variant] = Met(reading.trace, source, reading.graph, reading.problems)
            continue
        trace = Trace()
        try:
            result[variant] = Met(trace, source, build(spec, misread, variant, trace=trace), [])
        except SpecError as error:  # what was met before it stands in the trace
            result[variant] = Met(trace, source, None, error.problems)
    return result
