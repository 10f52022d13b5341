"""The marks beside each row: for its difference from the file or a pin, and for its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from convcalc.problems import ERROR, Problem
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, SAME, LayerChange
from convcalc.report.difference import Difference
from convcalc.tui.outline import ROOT, OutlineItem

_SIGNS = {ADDED: "+", CHANGED: "~", AFFECTED: "·"}
_FINDINGS = {"error": "✗", "warning": "!"}
_CELLS = {"output_shape": "output_shape", "input_shapes": "input_shape"}


@dataclass(frozen=True, slots=True)
class RowMark:
    """The marks of one row: its status, the columns (`cells`) that differ, and the severity of its worst finding."""

    status: str = SAME
    cells: frozenset[str] = frozenset()
    severity: str = ""

    @property
    def sign(self) -> str:
        """The character for the status."""
        return _SIGNS.get(self.status, "")

    @property
    def finding(self) -> str:
        """The character for the worst finding."""
        return _FINDINGS.get(self.severity, "")

    @property
    def is_whole(self) -> bool:
        """Whether all cells of the row are marked."""
        return self.status == ADDED


NO_MARK = RowMark()


def marks(
    items: Iterable[OutlineItem], difference: Difference | None, findings: Mapping[str, Sequence[Problem]]
) -> dict[str, RowMark]:
    """The marks of rows, by their keys; a folded block has the marks of all its layers."""
    if difference is None and not findings:
        return {}
    changed = {} if difference is None else {
        each.new.name: each for each in difference.layers if each.new is not None and each.status != SAME
    }  # fmt: skip
    found: dict[str, RowMark] = {}
    for item in items:
        if item.key == ROOT:
            continue
        names = [row.name for row in item.rows]
        mark = _mark([changed[name] for name in names if name in changed], len(names),
                     [problem for name in names for problem in findings.get(name, ())])  # fmt: skip
        if mark is not NO_MARK:
            found[item.key] = mark
    return found


def _mark(changes: Sequence[LayerChange], layers: int, problems: Sequence[Problem]) -> RowMark:
    if not changes and not problems:
        return NO_MARK
    statuses = {change.status for change in changes}
    if statuses == {ADDED} and len(changes) == layers:
        status = ADDED
    elif statuses - {AFFECTED}:
        status = CHANGED
    else:
        status = AFFECTED if statuses else SAME
    severity = "" if not problems else "error" if any(each.severity == ERROR for each in problems) else "warning"
    return RowMark(status, frozenset(name for change in changes for name in _cells(change)), severity)


def _cells(change: LayerChange) -> Iterable[str]:
    """The columns in which a layer differs."""
    if change.config or change.is_renamed or change.moved:
        yield "name"
    for name in change.figures:
        yield _CELLS.get(name, name)
    if change.field:
        yield "receptive_field"
    yield from (name for name in change.config if name in ("kernel_size", "stride"))
