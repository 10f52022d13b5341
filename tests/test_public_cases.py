"""Networks that people have asked about in public, each with the figures that the answer gives.

A table, tests/data/public_cases/TOPIC.yaml, is a list of cases. `spec` is a whole spec with its expectations.
`network` is a shipped one instead, and `expect` has its figures. `error` is the rule of an error that the spec must
have, `finds` is a lint rule that must find something, or `nothing` where no rule of the default set may find anything.
`says` are parts of the messages, and `not_aligned` is a layer whose units of the two paths have other centres.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import convcalc
from convcalc.checking.check_source import check_source
from convcalc.checking.settings import DEFAULT_RULES, Settings
from convcalc.problems import ERROR
from convcalc.text.source import Source
from tests.helpers import diagnosed

NOTHING = "nothing"
TABLES = Path(__file__).parent / "data" / "public_cases"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(TABLES.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def figures(target: str, names: list[str]) -> dict[str, Any]:
    """The figures of a shipped network by these names."""
    totals = convcalc.analyse(convcalc.load(target)).to_dict()["totals"]
    return {name: totals[name] for name in names}


@pytest.mark.parametrize("case", CASES)
def test_the_figures_are_those_of_the_answer(case: dict[str, Any]) -> None:
    if "network" in case:
        assert figures(case["network"], list(case["expect"])) == case["expect"]
        return
    if "says" in case:
        text = diagnosed(case["spec"])
        assert [part for part in case["says"] if part not in text] == [], text
        return
    finds, error = case.get("finds"), case.get("error")
    assert finds or error or "expect:" in case["spec"], "a case states a figure"
    rules = DEFAULT_RULES if finds == NOTHING else (finds,) if finds else ()
    checked = check_source(Source("spec.yaml", case["spec"]), Settings(rules))
    errors = [problem for problem in checked.problems if problem.severity == ERROR]
    assert [problem.rule for problem in errors] == ([error] if error else []), [str(problem) for problem in errors]
    if finds == NOTHING:
        assert list(map(str, checked.problems)) == []
    elif finds:
        assert finds in [problem.rule for problem in checked.problems]
    if "not_aligned" in case:
        rows = convcalc.analyse(convcalc.loads(case["spec"])).to_dict()["layers"]
        assert [row["receptive_field"]["aligned"] for row in rows if row["name"] == case["not_aligned"]] == [False]
