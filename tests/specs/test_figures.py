"""The figures that are shipped for the zoo are those that the specs give, line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc import shipped
from convcalc.catalogue import figures
from convcalc.language.parse import parse
from convcalc.text.files import read_file
from tests.specs.reports import report_of


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


TARGETS = convcalc.zoo()
MEND = "run `python docs/make_figures.py` and read the difference"


@pytest.fixture(scope="module")
def lines() -> dict[str, dict[str, Any]]:
    """The lines of the file by target."""
    path = Path(figures.path())
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    found = {record["target"]: record for record in records}
    assert len(found) == len(records), f"a target has two lines: {MEND}"
    return found


def test_every_target_has_its_line_in_the_order_of_the_zoo(lines: dict[str, dict[str, Any]]) -> None:
    missing, surplus = set(TARGETS) - set(lines), set(lines) - set(TARGETS)
    assert not missing, f"{sorted(missing)} have no line: {MEND}"
    assert not surplus, f"{sorted(surplus)} are no targets: {MEND}"
    assert list(lines) == TARGETS, f"the lines are out of order: {MEND}"


@pytest.mark.parametrize("target", TARGETS)
def test_a_line_is_what_the_spec_gives(target: str, lines: dict[str, dict[str, Any]]) -> None:
    report = report_of(target)
    totals = report.totals.to_dict()
    fresh = {
        "target": target,
        "name": report.name,
        "description": report.graph.description,
        "citation": report.graph.citation,
        "inputs": report.inputs,
        **{name: totals[name] for name in ("params", "macs", "receptive_field")},
        "digest": figures.digest(target.partition("@")[0]),
    }
    incomplete = {name: word for name, word in totals.get("status", {}).items() if name in ("params", "macs")}
    if incomplete:
        fresh["status"] = incomplete
    assert lines.get(target) == json.loads(json.dumps(fresh)), f"the line of {target} is missing or stale: {MEND}"


def test_every_line_is_current() -> None:
    stored = [entry.target for entries in figures.stored().values() for entry in entries]
    assert stored == TARGETS, MEND


@pytest.mark.parametrize("family", [family for family, path in shipped.files().items() if "include" in read(path)])
def test_a_line_depends_on_every_file_that_its_spec_includes(family: str) -> None:
    included = parse(read_file(shipped.files()[family]))[0].source.included
    assert {Path(source.path).stem for source in included} <= figures.texts(family).keys() - {family}
