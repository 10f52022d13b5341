"""What the page says of a chosen layer: its derivation, what its units see, and what `check` finds in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.page.boxes import Fields
from convcalc.page.pool import Pool
from convcalc.page.subject import Found, Subject
from convcalc.render.derivation import format_result, grouped
from convcalc.report.derivation import derivation_of
from convcalc.report.rows import Row


def layers_data(subject: Subject, texts: Pool, rows: Iterable[Row]) -> dict[str, Any]:
    """Some layers, and the steps, axes and findings that they name by number."""
    report = subject.report
    steps, fields = Pool(), Fields(report)
    findings = [finding_data(found, subject, texts) for found in subject.findings]
    of_row: dict[int, list[int]] = {}
    for number, found in enumerate(subject.findings):
        if found.row is not None:
            of_row.setdefault(found.row.index, []).append(number)
    layers = []
    for row in rows:
        derivation = derivation_of(report, row)
        written = [
            texts.numbers((step.title, step.symbols, grouped(step.numbers), format_result(step.result), *step.notes))
            for step in derivation.steps
        ]
        layers.append(
            [
                texts.number(_shapes(row)),
                steps.numbers(written),
                texts.numbers(derivation.differences),
                fields.of(row),
                of_row.get(row.index, []),
            ]
        )
    inputs = [[name, format_shape(shape)] for name, shape in report.inputs.items()]
    return {
        "inputs": [texts.numbers(each) for each in inputs],
        "layers": layers, "steps": steps.values, "axes": fields.axes.values, "findings": findings,
    }  # fmt: skip


def finding_data(found: Found, subject: Subject, texts: Pool) -> list[int]:
    """The rule, the message, the help and the place of a finding."""
    problem = found.problem
    place = str(problem.where) if subject.has_lines else ""
    return texts.numbers((problem.rule, problem.message, problem.help, place))


def _shapes(row: Row) -> str:
    """What a layer reads and gives."""
    read = [f"{format_shape(shape)} from {name}" for shape, name in zip(row.input_shapes, row.inputs)]
    return f"Reads {' and '.join(read) or 'nothing'}; gives {format_shape(row.output_shape)}."
