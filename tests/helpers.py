"""What the tests of the language share: specs from a few lines, and reports as lines that a table can hold."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import convcalc
from convcalc import shipped
from convcalc.language.parse import parse
from convcalc.language.spec import Variant
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.report.field import LayerField
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.text.files import read_file


def network(layers: str, input: str = "[3, 8, 8]", head: str = "") -> str:
    """A spec of these entries, on an image of 3x8x8 where nothing else is said; `head` holds other top-level keys."""
    return f"{dedent(head).strip()}\ninput: {input}\nlayers:\n{indent(dedent(layers).strip(), '  ')}\n".lstrip("\n")


def analysed(text: str, **options: Any) -> Report:
    """The report of a spec's text."""
    return convcalc.analyse(convcalc.loads(text, name="spec.yaml", **options))


def field_map(report: Report, layer: str, source: str | None = None) -> dict[str, Any]:
    """The boxes of every unit of a layer towards an input: per axis, one [first, last] a unit, clipped and not."""
    return LayerField(report, layer, source).to_dict()


def line_of(row: Row) -> str:
    """A row's name, what it reads, its output shape and its parameters: `conv <- input: 4x8x8, 112`."""
    shape = "x".join(map(str, row.output_shape))
    return f"{row.name} <- {' + '.join(row.inputs)}: {shape}, {row.params}"


def lines(text: str, **options: Any) -> list[str]:
    """Every row of a spec's report, as `line_of` writes it."""
    return [line_of(row) for row in analysed(text, **options).rows]


def problems(text: str, **options: Any) -> list[Problem]:
    """The problems of a spec; an empty list where it has none."""
    try:
        analysed(text, **options)
    except convcalc.SpecError as error:
        return error.problems
    return []


def diagnosed(text: str, **options: Any) -> str:
    """The problems of a spec as the command line prints them."""
    return render_problems(problems(text, **options))


def marked(text: str) -> tuple[str, str]:
    """A text without its mark `§`, and the place where the mark stood as `line:column`."""
    before, mark, after = text.partition("§")
    assert mark, "the text has no mark"
    return before + after, f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def assert_one_problem(text: str, rule: str, message: str = "", **options: Any) -> Problem:
    """The one problem of a spec, which must stand where its text has the mark `§`."""
    clean, place = marked(text)
    received = problems(clean, **options)
    places = [f"{problem.where.line}:{problem.where.column} {problem.rule}" for problem in received]
    assert places == [f"{place} {rule}"], f"expected {place} {rule}, received\n{render_problems(received)}"
    assert message in received[0].message, received[0].message
    return received[0]


def family_representatives() -> list[str]:
    """Of each shipped spec, its own network and the variant that expects the most parameters, as targets.

    For what says the same of every member of a family, and takes too long to ask of all.
    """

    def params(variant: Variant) -> int:
        figure = variant.expect.pairs.get("params") if variant.expect else None
        return figure if isinstance(figure, int) else 0

    found: list[str] = []
    for name, path in shipped.files().items():
        variants = parse(read_file(path))[0].variants.values()
        found += [name, *(f"{name}@{variant.name}" for variant in sorted(variants, key=params)[-1:])]
    return found
