"""Makes the fixes of findings in the text of a file, after a proof that they change nothing else.

The changed file is built and compared with the old one. All layers must read the same layers, and have the same shapes,
multiply-accumulates and receptive fields. Only the layers of fixed entries may differ, and only by fewer parameters. A
removed layer must have had no parameters. A fix that makes an expectation fail is not made: the figure is intended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from convcalc.analysis.analyse import Analysis
from convcalc.checking.check_source import check_source
from convcalc.checking.results import ADJUSTABLE, FileResult
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError
from convcalc.language.parse import parse
from convcalc.network.build import build
from convcalc.problems import ERROR, Fix, Problem
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.text import crossing
from convcalc.text.document import Document
from convcalc.text.edits import Edit, RemoveItem, SetValue, Together
from convcalc.text.source import Mark, Source
from convcalc.text.values import EditError, Path

MAX_ROUNDS = 10  # a fix may lead to another: of three activations in a row the second is removed, then the third
Key = tuple[str, str, Path]  # a finding's rule, file and path, which do not change when lines move


@dataclass(frozen=True, slots=True)
class FixResult:
    """The text of one file after its fixes, the number of fixed findings, and the remaining findings."""

    text: str
    count: int
    checked: FileResult


def fix_text(text: str, source_of: Callable[[str], Source], settings: Settings) -> FixResult:
    """The text after the fixes of its findings, in rounds until there is nothing more to fix.

    `source_of` makes the source of a text in place of the file's. A finding whose fix was not made has a note why.
    """
    fixer = _Fixer(source_of, settings)
    version = fixer.version(Document(text))
    count = 0
    for _ in range(MAX_ROUNDS):
        if version.checked.is_broken:
            break
        fixable = [problem for problem in version.checked.problems if problem.fix]
        fixable = [problem for problem in fixable if _key(version.document, problem) not in fixer.reasons]
        version, made = fixer.apply(version, fixable)
        if not made:
            break
        count += made
    fixer.add_notes(version)
    return FixResult(version.document.text, count, version.checked)


class _Version:
    """A text with its findings and its networks by variant; None for a network that cannot be built."""

    def __init__(self, document: Document, source: Source, settings: Settings) -> None:
        self.document = document
        self.checked = check_source(source, settings)
        self._source = source

    @cached_property
    def networks(self) -> dict[str | None, Report | None]:
        return _networks(self._source)


class _NotFixed(Exception):
    """Why a fix is not made."""


class _Fixer:
    def __init__(self, source_of: Callable[[str], Source], settings: Settings) -> None:
        self.source_of = source_of
        self.settings = settings
        self.reasons: dict[Key, str] = {}

    def version(self, document: Document) -> _Version:
        return _Version(document, self.source_of(document.text), self.settings)

    def add_notes(self, version: _Version) -> None:
        """Add a note to each finding whose fix was not made, with the reason."""
        for problem in version.checked.problems:
            reason = self.reasons.get(_key(version.document, problem)) if problem.fix else None
            if reason is not None:
                problem.trail = (*problem.trail, f"not fixed: {reason}")

    def apply(self, version: _Version, problems: Sequence[Problem]) -> tuple[_Version, int]:
        """The version with all possible fixes, and their number.

        All fixes are tried at once. Where that fails, each half is tried; the later half first, so that the places of
        the earlier half do not change.
        """
        if not problems:
            return version, 0
        try:
            return self.apply_together(version, problems), len(problems)
        except _NotFixed as reason:
            if len(problems) == 1:
                self.reasons[_key(version.document, problems[0])] = str(reason)
                return version, 0
        middle = len(problems) // 2
        version, count_after = self.apply(version, problems[middle:])
        version, count_before = self.apply(version, problems[:middle])
        return version, count_before + count_after

    def apply_together(self, before: _Version, problems: Sequence[Problem]) -> _Version:
        """The version with these fixes. Raises _NotFixed where they would change anything else."""
        try:
            edits = edits_of(before.document, [problem.fix for problem in problems if problem.fix is not None])
            document = Together(tuple(edits)).apply(before.document)
        except EditError as error:
            raise _NotFixed(f"it cannot be written here: {error.message}") from None
        after = self.version(document)
        _prove(before, after, problems)
        return after


def edits_of(document: Document, fixes: Sequence[Fix]) -> list[Edit]:
    """The edits that make the fixes, from the last entry to the first."""
    edits: list[tuple[Path, Edit]] = []
    # Two rules may need the same change.
    for fix in {(fix.entry, repr(fix.keys)): fix for fix in fixes}.values():
        path = crossing.entry_path(document, fix.entry)
        kind = document.entry_type(path)
        if fix.keys is None:
            edits.append((path, RemoveItem(path)))
        elif document.has((*path, kind)) and isinstance(document.value((*path, kind)), dict):
            edits += [(path, SetValue((*path, kind, key), value)) for key, value in fix.keys.items()]
        else:
            edits.append((path, SetValue((*path, kind), dict(fix.keys))))
    edits.sort(key=lambda each: document.position(each[0]), reverse=True)
    return [edit for _, edit in edits]


def _networks(source: Source) -> dict[str | None, Report | None]:
    """The file and each of its variants."""
    spec, problems = parse(source)
    networks: dict[str | None, Report | None] = {}
    for variant in (None, *spec.variants):
        try:
            networks[variant] = Report(Analysis(build(spec, problems, variant)))
        except SpecError:
            networks[variant] = None
    return networks


def _key(document: Document, problem: Problem) -> Key:
    return problem.rule, problem.where.file, crossing.path_of_problem(document, problem.where)


# -- the proof ---------------------------------------------------------------------------------------------------


def _prove(before: _Version, after: _Version, problems: Sequence[Problem]) -> None:
    known = {_key(before.document, problem) for problem in before.checked.problems}
    for problem in after.checked.problems:
        if problem.severity == ERROR and problem.rule not in ADJUSTABLE and _key(after.document, problem) not in known:
            raise _NotFixed(f"after this fix {problem.message}")
    fixes = [problem.fix for problem in problems if problem.fix is not None]
    removed = {fix.entry for fix in fixes if fix.keys is None}
    changed = {fix.entry for fix in fixes}
    for variant, old in before.networks.items():
        new = after.networks.get(variant)
        if old is None or new is None:
            if old is not new:
                raise _NotFixed("after this fix the file cannot be built")
            continue
        _prove_equal(old, new, removed, changed)


def _prove_equal(old: Report, new: Report, removed: set[Mark], changed: set[Mark]) -> None:
    """Check that two reports differ only in the fixed entries. Raises _NotFixed where they do not."""
    inputs = len(old.graph.inputs)
    tensors = list(range(inputs))  # for each tensor of the old network, that of the new one
    kept: list[Row] = []
    for row in old.rows:
        if _entry(old, row) in removed:
            if not _is_idle(old, row):
                raise _NotFixed(f"{row.name} has parameters or changes what it reads")
            tensors.append(tensors[_reads(old, row)[0]])
        else:
            tensors.append(inputs + len(kept))
            kept.append(row)
    if old.graph.inputs != new.graph.inputs or len(kept) != len(new.rows):
        raise _NotFixed("this fix would add or remove other layers")
    if [tensors[tensor] for tensor in old.graph.outputs.values()] != list(new.graph.outputs.values()):
        raise _NotFixed("this fix would change the outputs")
    for one, other in zip(kept, new.rows):
        if [tensors[tensor] for tensor in _reads(old, one)] != list(_reads(new, other)):
            raise _NotFixed(f"this fix would change what {one.name} reads")
        if _figures(one) != _figures(other):
            raise _NotFixed(f"this fix would change the shape, cost or receptive field of {one.name}")
        if not _has_fewer(one, other) if _entry(old, one) in changed else _parameters(one) != _parameters(other):
            raise _NotFixed(f"this fix would change the parameters of {one.name}")


def _is_idle(report: Report, row: Row) -> bool:
    """Whether a layer has no parameters and reads one layer of the same shape, position by position."""
    reads = _reads(report, row)
    if row.params != 0 or row.buffers != 0 or len(reads) != 1 or row.input_shapes != (row.output_shape,):
        return False
    index = reads[0] - len(report.graph.inputs)
    if index >= 0:
        return _fields(row) == _fields(report.rows[index])
    sizes = [field["size"] for field in _fields(row).values() if field is not None]
    return all(size == 1 for each in sizes for size in each)


def _entry(report: Report, row: Row) -> Mark:
    """The mark of the entry that made a row."""
    return report.graph.nodes[row.index].entry.mark


def _reads(report: Report, row: Row) -> tuple[int, ...]:
    return report.graph.nodes[row.index].reads


def _figures(row: Row) -> tuple[Any, ...]:
    """The figures that a fix must not change."""
    return row.type, row.output_shape, row.input_shapes, row.macs, row.units, _fields(row)


def _fields(row: Row) -> dict[str, dict[str, Any] | None]:
    return {name: None if field is None else field.to_dict() for name, field in row.receptive_fields.items()}


def _parameters(row: Row) -> tuple[Any, ...]:
    return row.weights, row.biases, row.trainable_params, row.frozen_params, row.buffers


def _has_fewer(one: Row, other: Row) -> bool:
    """Whether no count of parameters grew; an unknown one must stay unknown."""
    pairs = zip(_parameters(one), _parameters(other))
    return all(old == new or (old is not None and new is not None and new <= old) for old, new in pairs)
