"""A derivation as text, as a table and as Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import group_digits
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen, Style, plain_style
from convcalc.report.derivation import Derivation
from convcalc.report.steps import Result

_LONG_NUMBER = re.compile(r"\d{4,}")
# A formula is broken before an operator, so that its next line starts with the operator.
_OPERATOR = re.compile(r"([×/+-]) (?=[\w(])")
_GLUE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class DerivationPrintout:
    """The derivation of a layer's figures."""

    derivation: Derivation

    @property
    def title(self) -> str:
        return _heading(self.derivation)

    def text(self, screen: Screen) -> Sequence[str]:
        return (derivation_text(self.derivation, screen.style, screen.width),)

    def sheets(self, width: int | None) -> list[Sheet]:
        heads = [
            Head("figure", importance=100, role="name"),
            Head("formula", importance=60),
            Head("with numbers", importance=80),
            Head("result", right=True, importance=100),
            Head("", importance=50, wrap=True),
        ]
        rows = [
            (step.title, step.symbols, grouped(step.numbers), format_result(step.result), "; ".join(step.notes))
            for step in self.derivation.steps
        ]
        notes = [_sentence(_shapes(self.derivation)), *self.derivation.differences]
        return [Sheet(self.title, heads, rows, notes=notes)]

    def data(self) -> dict[str, Any]:
        return self.derivation.to_dict()

    def markdown(self, screen: Screen) -> Sequence[str]:
        return (derivation_markdown(self.derivation),)

    def records(self) -> Iterator[Record]:
        """One record for each figure, in the order of the derivation."""
        yield ("figure", "formula", "numbers", "result", "notes")
        for step in self.derivation.steps:
            result = step.result if isinstance(step.result, int) else format_shape(step.result or ())
            yield (step.title, step.symbols, step.numbers, result, "; ".join(step.notes))


def derivation_text(derivation: Derivation, style: Style = plain_style, width: int | None = None) -> str:
    """All steps: each a title, then formula, numbers and result below each other. A width of None never wraps."""
    lines = [style(_heading(derivation), "title"), *_wrapped(_sentence(_shapes(derivation)), "", width)]
    symbols = ""
    for step in derivation.steps:
        lines += ["", style(_sentence(step.title), "title")]
        if step.symbols and step.symbols != symbols:
            lines += _wrapped(step.symbols, "  = ", width)
        if step.numbers and step.numbers != str(step.result):
            lines += _wrapped(grouped(step.numbers), "  = ", width)
        lines.append("  = " + style(format_result(step.result), "result"))
        lines += [style(line, "note") for note in step.notes for line in _wrapped(note, "    ", width)]
        symbols = step.symbols
    if derivation.differences:
        lines += ["", style("Other tools", "title")]
        lines += [line for sentence in derivation.differences for line in _wrapped(sentence, "  ", width)]
    return "\n".join(lines) + "\n"


def derivation_markdown(derivation: Derivation) -> str:
    """A heading, a sentence, and a table of the steps."""
    lines = [f"### {_heading(derivation)}", "", _sentence(_shapes(derivation)), ""]
    lines += ["| figure | formula | with numbers | result | |", "|---|---|---|---:|---|"]
    for step in derivation.steps:
        cells = (
            step.title,
            _code(step.symbols),
            _code(grouped(step.numbers)),
            format_result(step.result),
            "; ".join(step.notes),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += ["", *(f"- {sentence}" for sentence in derivation.differences)] if derivation.differences else []
    return "\n".join(lines) + "\n"


def format_result(result: Result) -> str:
    """A count, a shape, or a dash where there is no result."""
    if result is None:
        return "–"
    return group_digits(result) if isinstance(result, int) else format_shape(result)


def grouped(numbers: str) -> str:
    """
    >>> grouped("290400 × (3 / 1)")
    '290,400 × (3 / 1)'
    """
    return _LONG_NUMBER.sub(lambda match: group_digits(int(match.group())), numbers)


def _heading(derivation: Derivation) -> str:
    row = derivation.row
    return f"{row.name} ({row.type})" + (f" of {derivation.network}" if derivation.network else "")


def _shapes(derivation: Derivation) -> str:
    row = derivation.row
    read = [f"{format_shape(shape)} from {name}" for shape, name in zip(row.input_shapes, row.inputs)]
    return f"reads {' and '.join(read) or 'nothing'}; gives {format_shape(row.output_shape)}"


def _wrapped(text: str, indent: str, width: int | None) -> Sequence[str]:
    if not text:
        return ()
    if width is None:
        return (indent + text,)
    glued = _OPERATOR.sub(rf"\1{_GLUE}", text)
    follow = " " * (len(indent) + (2 if indent.strip() else 0))
    lines = textwrap.wrap(
        glued, width, initial_indent=indent, subsequent_indent=follow, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_GLUE, " ") for line in lines]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
