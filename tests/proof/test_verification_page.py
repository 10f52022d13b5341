"""docs/project/verification.md is what its generator writes of tests that exist, with counts that they can reach."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from docs.make_verification import GROUPS, PAGE, counts_of, render

TESTS = Path(__file__).parents[1]
CHECKS = [check.test for group in GROUPS for check in group.checks]


def test_the_page_is_as_generated() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert render(counts_of(page)) == page


@pytest.mark.parametrize("test", CHECKS)
def test_its_tests_exist(test: str) -> None:
    file, _, function = test.partition("::")
    assert f"\ndef {function}(" in (TESTS / file).read_text(encoding="utf-8")


def test_it_counts_no_more_cases_than_there_are(request: pytest.FixtureRequest) -> None:
    """Of the tests that were collected in this run, random ones apart; and none of them differs."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    names = [(item.nodeid.partition("[")[0].removeprefix("tests/"), hasattr(item.obj, "hypothesis")) for item in items]
    collected = Counter(name for name, is_random in names if not is_random)
    shown = counts_of(PAGE.read_text(encoding="utf-8"))
    assert {test: found.cases for test, found in shown.items() if 0 < collected[test] < found.cases} == {}
    assert not any(found.differed for found in shown.values())
