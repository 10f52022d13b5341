"""Merges that are not aligned, in words: the geometry of their branches, and the padding that aligns them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from convcalc.analysis.alignment import Branch, Exact, Merge, PaddingChange, misaligned
from convcalc.arith.wording import listed, per_axis
from convcalc.report.report import Report


def alignment_loss(report: Report, index: int, name: str) -> list[str]:
    """The sentence on a row that loses the alignment towards the input `name`; empty for any other row."""
    field = report.analysis.fields[name][index]
    if field is None or field.aligned is not False or len(report.graph.nodes[index].reads) < 2:
        return []
    merges = misaligned(report.analysis.walks[name], report.graph.tensor_of(index))
    return [f"not aligned: {sentence(merge)}" for merge in merges if merge.layer == report.rows[index].name]


def sentence(merge: Merge) -> str:
    """The branches of a merge; how to align it, or why that is impossible; and how many later merges it affects."""
    parts = [f"{merge.layer} joins {listed([branch_in_words(branch) for branch in merge.branches])}"]
    if merge.changes:
        parts.append(aligning_padding(merge.changes))
    else:
        parts.append(_reason(merge))
    if merge.inherited_by and not merge.changes:
        parts.append(f"{merge.inherited_by} later merge{'s read' if merge.inherited_by > 1 else ' reads'} the result")
    return "; ".join(parts)


def number_text(number: Fraction | None) -> str:
    """A number as text: whole, with a half, or as a fraction.

    >>> number_text(Fraction(-1, 2)), number_text(Fraction(7)), number_text(Fraction(1, 3)), number_text(None)
    ('-0.5', '7', '1/3', '–')
    """
    if number is None:
        return "–"
    return str(Decimal(number.numerator) / 2) if number.denominator == 2 else str(number)


def axes_text(figures: Exact, separator: str) -> str:
    """The figure of every axis, or a single one where all are equal."""
    return per_axis(map(number_text, figures), separator.join)


def branch_in_words(branch: Branch) -> str:
    """The name of a branch with its stride and its centre."""
    return f"{branch.name} (stride {axes_text(branch.stride, 'x')}, centre {axes_text(branch.centre, ', ')})"


def aligning_padding(changes: Sequence[PaddingChange]) -> str:
    """The changes of padding that align a merge, as a sentence."""
    return listed(list(map(_change, changes))) + " would align them and keep every size"


def _change(change: PaddingChange) -> str:
    return f"padding {padding_in_words(change.after)} instead of {padding_in_words(change.before)} on {change.layer}"


def padding_in_words(pads: Sequence[tuple[int, int]]) -> str:
    """The padding as a spec writes it.

    >>> padding_in_words([(1, 0), (1, 0)]), padding_in_words([(1, 1), (1, 1)]), padding_in_words([(1, 1), (0, 0)])
    ('[[1, 0], [1, 0]]', '1', '[1, 0]')
    """
    if all(before == after for before, after in pads):
        return per_axis(before for before, _ in pads)
    return str([list(pair) for pair in pads])


def _reason(merge: Merge) -> str:
    """Why no padding was found."""
    local = [branch for branch in merge.branches if any(branch.stride)]
    if len({branch.stride for branch in local}) > 1:
        return "no padding aligns different strides"
    if not all(branch.steady for branch in merge.branches):
        return "the distance of the centres changes from unit to unit, so no padding aligns them"
    if len({centre % 1 for branch in local for centre in branch.centre if centre is not None}) > 1:
        return "the centres are a fraction of a pixel apart, so no padding aligns them"
    return "no padding was found that aligns them without other changes"
