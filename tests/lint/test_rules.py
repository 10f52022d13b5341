"""What every lint rule owes: a whole page, an example that fails and one that passes; and the tables of cases.

A table, tests/data/rules/RULE.yaml, is a list of cases. `spec` is the text of a spec with a mark `§` before each value
that the rule must point to; without a mark nothing may be found. `says` and `helps` are parts of the messages and of
the help, in the order of the marks. `fixes` are the keys that the fix sets, or `remove`, one for each mark too.
`options` are those of the rule, as in the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.lint import rules
from convcalc.lint.option import share
from convcalc.lint.rules import RULES
from convcalc.manual.pages import Manual
from convcalc.problems import ERROR, Problem
from convcalc.text.source import Source
from tests.strategies.graphs import Graph, graphs
from tests.strategies.networks import Network, networks
from tests.strategies.token_graphs import TokenGraph, token_graphs

TABLES = Path(__file__).parents[1] / "data" / "rules"
SECTIONS = ["Fails", "Passes", "Fix", "Source"]
KEYS = {"name", "spec", "says", "helps", "fixes", "options"}


def cases() -> list[Any]:
    found = []
    for path in sorted(TABLES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            found.append(pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}"))
    return found


def found_by(rule: str, text: str, options: Mapping[str, str] | None = None) -> list[Problem]:
    """What a rule finds in a spec, which must be sound."""
    keywords = {option.name: option.keyword for option in rules.find(rule).options}
    values = {keywords[name]: value for name, text in (options or {}).items() if (value := share(text)) is not None}
    assert len(values) == len(options or {})
    checked = check_source(Source("spec.yaml", text), Settings((rule,), options={rule: values}))
    assert [str(problem) for problem in checked.problems if problem.severity == ERROR] == []
    return checked.problems


def without_marks(text: str) -> tuple[str, list[str]]:
    """A text without its marks `§`, and their places as `line:column`."""
    places = []
    for number, line in enumerate(text.splitlines(), 1):
        while "§" in line:
            places.append(f"{number}:{line.index('§') + 1}")
            line = line.replace("§", "", 1)
    return text.replace("§", ""), places


def place(problem: Problem) -> str:
    return f"{problem.where.line}:{problem.where.column}"


def test_every_module_is_a_rule() -> None:
    modules = {module.name.replace("_", "-") for module in iter_modules(rules.__path__)}
    assert modules == set(RULES)
    assert modules > rules.ON_REQUEST
    for rule in map(rules.find, RULES):
        assert (rule.check is rules._no_findings) != (rule.check_spec is rules._no_findings), rule.name


def test_every_table_is_of_a_rule() -> None:
    assert {path.stem for path in TABLES.iterdir()} <= set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_page_is_whole(rule: str) -> None:
    page = Manual(rule, rules.find(rule).page)
    assert page.summary.endswith(".")
    assert len(page.summary) <= 120, "the summary is one line"
    assert page.details, "the page says why it matters"
    assert list(page.sections) == [heading for heading in SECTIONS if heading in page.sections]
    assert {"Fails", "Passes"} <= set(page.sections)
    assert all(page.sections.values())


@pytest.mark.parametrize("rule", RULES)
def test_the_page_has_the_options(rule: str) -> None:
    found = rules.find(rule)
    section = found.manual().sections.get("Options", "")
    assert all(option.name in section and option.help in section for option in found.options)
    assert bool(section) == bool(found.options)


@pytest.mark.parametrize("rule", RULES)
def test_the_example_fails(rule: str) -> None:
    text = Manual(rule, rules.find(rule).page).sections["Fails"]
    found = [problem for problem in found_by(rule, text) if problem.rule == rule]
    assert found
    lines = text.splitlines()
    for problem in found:
        assert 1 <= problem.where.column <= len(lines[problem.where.line - 1])
        assert problem.message
        assert problem.help, "the finding says what would mend it"


@pytest.mark.parametrize("rule", RULES)
def test_the_mended_example_passes(rule: str) -> None:
    assert list(map(str, found_by(rule, Manual(rule, rules.find(rule).page).sections["Passes"]))) == []


@pytest.mark.parametrize(("rule", "case"), cases())
def test_the_rule_finds_what_is_marked(rule: str, case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    text, places = without_marks(case["spec"])
    found = found_by(rule, text, case.get("options"))
    received = "\n".join(map(str, found))
    assert [place(problem) for problem in found] == places, received
    for key, values in (("says", [p.message for p in found]), ("helps", [p.help for p in found])):
        if key in case:
            assert len(case[key]) == len(values)
            assert all(part in value for part, value in zip(case[key], values)), values
    if "fixes" in case:
        fixes = [problem.fix and (problem.fix.keys or "remove") for problem in found]
        assert fixes == case["fixes"]


def all_rules_hold_out(text: str) -> None:
    """Every rule comes through, and all that it finds stands in the text."""
    lines = text.splitlines()
    for problem in check_source(Source("spec.yaml", text), Settings(tuple(RULES))).problems:
        assert problem.severity != ERROR, str(problem)
        assert 1 <= problem.where.column <= len(lines[problem.where.line - 1]) + 1


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(networks(1), networks(2)))
def test_random_networks(network: Network) -> None:
    all_rules_hold_out(network.text)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(graphs(1), graphs(1, over_padding=True), graphs(2)))
def test_random_graphs(graph: Graph) -> None:
    all_rules_hold_out(graph.text)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(token_graphs())
def test_random_graphs_of_tokens(graph: TokenGraph) -> None:
    all_rules_hold_out(graph.text)
