"""A text read: its spec, its figures where it builds, what is wrong where it does not, and where its layers stand."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from convcalc.analysis.analyse import Analysis
from convcalc.api import overrides
from convcalc.editor.state import View
from convcalc.editor.values import overriding, typed_shape
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import unknown_param
from convcalc.language.parse import parse
from convcalc.language.spec import Entry, Spec
from convcalc.network.build import Overrides, build
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

    def __init__(self, document: Document, variant: str | None, view: View, origin: Origin) -> None:
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

    def _build(self, spec: Spec, problems: Problems, variant: str | None, view: View) -> Graph:
        if variant is not None and variant not in spec.variants:
            raise unknown_variant(self.source, variant, list(spec.variants))
        return build(spec, problems, variant, _changes(spec, view), self.trace)

    @cached_property
    def entries_by_id(self) -> dict[int, Entry]:
        """Every entry of the text and of what it includes."""
        found: dict[int, Entry] = {}
        waiting: list[Entry] = []
        if self.spec is not None:
            waiting = [*self.spec.layers, *(entry for block in self.spec.blocks.values() for entry in block.layers)]
        while waiting:
            entry = waiting.pop()
            found[id(entry)] = entry
            waiting += [inner for inners in entry.lists for inner in inners]
        return found

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


def _changes(spec: Spec, view: View) -> Overrides:
    for name in view.params:
        if name not in spec.params.pairs:
            raise unknown_param(name, spec.params.pairs)
    shape = typed_shape(view.input) if view.input is not None else None
    changes = overrides(None, None, view.sharing)
    changes.params.update(overriding(view.params))
    changes.input = overriding({"input": shape})["input"] if shape is not None else None
    return changes
