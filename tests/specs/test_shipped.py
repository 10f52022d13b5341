"""Every spec that is shipped builds, and every figure that it expects holds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc import shipped
from convcalc.language.parse import parse
from convcalc.limits.expectations import check_expectations
from convcalc.render.diagnostics import render_problems
from convcalc.report.figures import sums
from convcalc.report.receptive_field import ReceptiveField
from convcalc.text.files import read_file
from convcalc.text.source import Value, YamlList, YamlMapping
from tests.specs.reports import report_of

TARGETS = sorted(convcalc.zoo())
FILES = shipped.files()
VARIANTS = {name: parse(read_file(path))[0].variants for name, path in FILES.items()}


def plain(value: Value) -> Any:
    if isinstance(value, YamlList):
        return [plain(item) for item in value.items]
    if isinstance(value, YamlMapping):
        return {name: plain(item) for name, item in value.pairs.items()}
    return value


@pytest.mark.parametrize("target", TARGETS)
def test_its_expectations_hold(target: str) -> None:
    problems = check_expectations(report_of(target))
    assert problems == [], render_problems(problems)


@pytest.mark.parametrize("target", TARGETS)
def test_they_hold_by_plain_comparison_too(target: str) -> None:
    """The same by a few lines that share nothing with the checker: whole numbers, shapes and field sizes."""
    report = report_of(target)
    expect = report.graph.expect
    assert expect is not None, f"{target} expects nothing"
    wanted: list[tuple[str, Any, Any]] = []
    for key, value in expect.pairs.items():
        if key == "output_shape":
            shapes = {name: list(shape) for name, shape in report.outputs.items()}
            several = isinstance(value, YamlMapping)
            wanted.append((key, plain(value) if several else [plain(value)], shapes if several else [*shapes.values()]))
        elif isinstance(value, (int, YamlList)):
            found = getattr(report.totals, key)
            per_axis = isinstance(found, list) and isinstance(value, int)
            wanted.append((key, plain(value), found[0] if per_axis else found))
    layers = expect.pairs.get("layers")
    for name, figures in layers.pairs.items() if isinstance(layers, YamlMapping) else ():
        row = report.row(name)
        assert isinstance(figures, YamlMapping)
        for key, value in figures.pairs.items():
            found = getattr(row, key)
            if isinstance(found, ReceptiveField):
                found = found.size if isinstance(value, YamlList) else found.size[-1]
            if isinstance(value, (int, YamlList)):
                wanted.append((f"{name}.{key}", plain(value), list(found) if isinstance(found, tuple) else found))
    assert wanted, f"{target} expects no plain number"
    assert [(key, found) for key, _, found in wanted] == [(key, value) for key, value, _ in wanted]


@pytest.mark.parametrize("target", TARGETS)
def test_totals_are_the_sums_of_the_rows(target: str) -> None:
    report = report_of(target)
    for figure in [figure.name for figure in sums()]:
        assert getattr(report.totals, figure) == sum(getattr(row, figure) for row in report.rows), figure
    assert report.totals.output_elements == sum(row.units for row in report.rows)
    assert report.totals.layers == len(report.rows)
    totals = report.totals.to_dict()
    assert totals["flops"] == 2 * totals["macs"]
    assert totals["params"] == totals["trainable_params"] + totals["frozen_params"]
    assert len({row.name for row in report.rows}) == len(report.rows)


@pytest.mark.parametrize("target", TARGETS)
def test_it_says_where_its_numbers_come_from(target: str) -> None:
    graph = report_of(target).graph
    assert graph.name
    assert graph.description
    assert graph.citation


LONGEST = 150
TOO_LONG = re.compile(rf"^# More than {LONGEST} lines: \S+ ", re.M)


@pytest.mark.parametrize("file", FILES)
def test_it_is_short_or_says_why_not(file: str) -> None:
    text = Path(FILES[file]).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST or TOO_LONG.search(text)


@pytest.mark.parametrize("file", FILES)
def test_each_variant_expects_figures_of_its_own(file: str) -> None:
    expected = {name: set(variant.expect.pairs if variant.expect else ()) for name, variant in VARIANTS[file].items()}
    assert {name: {"params", "macs", "output_shape"} - keys for name, keys in expected.items()} == {
        name: set() for name in expected
    }


def test_a_bare_name_is_one_network() -> None:
    """No two variants share a name, and none has that of a file, which would be found in its place."""
    counts = Counter([*FILES, *(name for variants in VARIANTS.values() for name in variants)])
    assert [name for name, count in counts.items() if count > 1] == []
