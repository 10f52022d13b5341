"""The result of reading a text: its spec, its figures or its problems, and the entries of its layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from convcalc.analysis.analyse import Analysis
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.language.spec import Spec
from convcalc.network.build import build
from convcalc.network.construction import Misfit, UnbuiltError
from convcalc.network.graph import Graph
from convcalc.network.trace import Trace
from convcalc.problems import Problem, Where
from convcalc.report.report import Report
from convcalc.targets.find import unknown_variant
from convcalc.text.collector import Problems
from convcalc.text.document import Document
from convcalc.text.source import Source, Value

WRONG_VIEW = "view"  # the rule of problems in the view, not in the text
MAX_CACHED = 8  # readings, so that undo, redo and a return to a variant cost nothing


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The origin of a session's text: its label, its file and include path, its dtype and batch."""

    label: str
    file: Source
    dtype: str
    batch: int

    def source(self, document: Document) -> Source:
        """A source with the text of the document in place of the text of the file."""
        source = Source(self.label, document.body, self.file.path)
        source.reader = self.file.reader
        return source

    def at(self, name: str, path: str) -> Origin:
        """The origin of the same text in another file."""
        return Origin(name, Source(name, "", path), self.dtype, self.batch)


class Readings:
    """Reads texts of one origin, and caches the last readings."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._cached: dict[tuple[str, str | None, Overrides], Reading] = {}

    def read(self, document: Document, variant: str | None, view: Overrides) -> Reading:
        """The reading of a text in a variant and a view."""
        key = document.text, variant, view
        reading = self._cached.pop(key, None) or Reading(document, variant, view, self)
        self._cached[key] = reading  # at the end, so that the dictionary is in the order of use
        if len(self._cached) > MAX_CACHED:
            del self._cached[next(iter(self._cached))]
        return reading


class Reading:
    """A text read in one of its variants and one view.

    `report` is None where there are `problems`; `spec` is None where the text is not YAML.
    """

    def __init__(self, document: Document, variant: str | None, view: Overrides, readings: Readings) -> None:
        self.readings = readings
        self.origin = readings.origin
        self.document = document
        self.variant = variant
        self.view = view
        self.source = self.origin.source(document)
        self.trace = Trace()
        self.spec: Spec | None = None
        self.misread: Problems | None = None  # the problems before anything is built
        self.graph: Graph | None = None
        self.report: Report | None = None
        self.problems: list[Problem] = []
        self.misfit: Misfit | None = None  # the first layer that cannot read what it gets
        try:
            self.spec, self.misread = parse(self.source, document.compose(self.source))
            self.graph = self._build(self.spec, self.misread, variant, view)
            self.report = self.report_of(self.graph)
        except SpecError as error:
            self.problems = error.problems
            self.misfit = error.misfit if isinstance(error, UnbuiltError) else None
        except UsageError as error:
            self.problems = [Problem(WRONG_VIEW, error.message, Where(self.source.name), help=error.help)]

    def read_again(self, document: Document) -> Reading:
        """The reading of another text in the same variant and view."""
        return self.readings.read(document, self.variant, self.view)

    def _build(self, spec: Spec, problems: Problems, variant: str | None, view: Overrides) -> Graph:
        if variant is not None and variant not in spec.variants:
            raise unknown_variant(self.source, variant, list(spec.variants))
        view.check_params(spec.params.pairs)
        graph = build(spec, problems, variant, view, self.trace)
        graph.check_changes()
        return graph

    def report_of(self, graph: Graph) -> Report:
        """The figures of a network of this text."""
        origin = self.origin
        label = origin.label if self.variant is None else f"{origin.label}@{self.variant}"
        return Report(Analysis(graph), target=label, dtype=origin.dtype, batch=origin.batch)

    def params(self) -> dict[str, Value]:
        """The params of the spec by name, with the values of the variant; empty where the text cannot be read."""
        if self.spec is None:
            return {}
        pairs = dict(self.spec.params.pairs)
        if self.variant in self.spec.variants:
            pairs.update(self.spec.variants[self.variant].params.pairs)
        return pairs

    @property
    def variants(self) -> list[str]:
        """The variants of the text; empty where it cannot be read."""
        return [] if self.spec is None else list(self.spec.variants)


class VariantTrace(NamedTuple):
    """The entries and references of one variant; `graph` is None where it has `problems` and does not build."""

    trace: Trace
    graph: Graph | None
    problems: list[Problem]


def variant_traces(reading: Reading) -> dict[str | None, VariantTrace]:
    """The trace of the file itself (None) and of each variant, without the view. Raises SpecError."""
    spec, misread = reading.spec, reading.misread
    if spec is None or misread is None:
        raise SpecError(reading.problems)
    result: dict[str | None, VariantTrace] = {}
    for variant in (None, *spec.variants):
        if variant == reading.variant and not reading.view:
            result[variant] = VariantTrace(reading.trace, reading.graph, reading.problems)
            continue
        trace = Trace()
        try:
            result[variant] = VariantTrace(trace, build(spec, misread, variant, trace=trace), [])
        except SpecError as error:  # the trace has the part before the error
            result[variant] = VariantTrace(trace, None, error.problems)
    return result
