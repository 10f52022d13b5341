"""Shipped specs, changed at random: whatever comes of it is a report or a ConvcalcError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.checks.expectations import check_expectations
from convcalc.render.diagnostics import render_problems
from convcalc.spec import limits, shipped
from convcalc.spec.source import decode

EXAMPLES = Path(__file__).parents[1] / "data"
FILES = [*map(Path, shipped.files().values()), *sorted(EXAMPLES.glob("*/*.yaml"))]
TEXTS = [path.read_text(encoding="utf-8") for path in FILES]
# Those whose structure can be changed: well-formed YAML.
VALID = [path.read_text(encoding="utf-8") for path in FILES if path.parent.name != "diagnostics"]
SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = ["[", "]", "{", "}", ":", ", ", "- ", "\n", "  ", "\t", "#", "=", "&a ", "*a", "!x ", "'", '"', "|", "?",
"<<: ", "---\n",
         "0", "-1", "99", "1.5", "true", "null", "[]", "{}", "=index", "=in_channels", "=row", "= ", "=1/0", "input",
         "previous",
         "name: ", "from: ", "repeat: ", "rows: ", "when: ", "tied: ", "a.*", "\u2028", "\x85", "é", "\ufeff", "\x00",
         "\x07"]  # fmt: skip
VALUES: list[Any] = [None, True, False, 0, 1, -1, 2, 7, 2.5, float("nan"), 10**30, "", "x", "previous", "input",
"=index", "=in_shape",
                     "=in_channels", "=[1, 2]", "=1/0", "=nope", "a.b.*", [], [1], [[1]], [["name"], ["x"]], [[1, 2],
                     [3]], {},
                     {"a": 1}, {"layers": []}, ["relu"], "relu", "add", "same"]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def low_limits() -> Iterator[None]:
    """A mutation may well ask for a million layers; that it is refused is tested elsewhere."""
    before, limits.MAX_LAYERS = limits.MAX_LAYERS, 3000
    yield
    limits.MAX_LAYERS = before


def survives(make: Callable[[], str]) -> None:
    """Read, expand, analyse, check; every message can be printed."""
    try:
        graph = convcalc.loads(make(), name="spec.yaml")
        report = convcalc.analyse(graph)
        report.to_dict()
        render_problems(check_expectations(report))
    except convcalc.SpecError as error:
        render_problems(error.problems)
    except convcalc.UsageError as error:
        str(error)


@SETTINGS
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(WORDS)), min_size=1, max_size=6),
)
def test_changed_characters(text: str, edits: list[tuple[float, int, str]]) -> None:
    for place, removed, inserted in edits:
        start = int(place * len(text))
        text = text[:start] + inserted + text[start + removed :]
    survives(lambda: text)


@SETTINGS
@given(st.sampled_from(TEXTS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes(text: str, edits: list[tuple[float, int]]) -> None:
    data = bytearray(text.encode())
    for place, byte in edits:
        data[min(int(place * len(data)), len(data) - 1)] = byte
    survives(lambda: decode("spec.yaml", bytes(data)).text)


@SETTINGS
@given(
    st.sampled_from(TEXTS), st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.randoms(use_true_random=False)
)
def test_moved_lines(text: str, moves: list[int], random: Any) -> None:
    lines = text.splitlines(keepends=True)
    for move in moves:
        if not lines:
            break
        line = lines.pop(move % len(lines))
        if move % 3:
            lines.insert(random.randrange(len(lines) + 1), line)
            if move % 3 == 2:
                lines.insert(random.randrange(len(lines) + 1), line)
    survives(lambda: "".join(lines))


@SETTINGS
@given(
    st.sampled_from(VALID), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(VALUES)), min_size=1, max_size=3)
)
def test_changed_structure(text: str, edits: list[tuple[int, Any]]) -> None:
    """A value somewhere in the tree is replaced by another of any kind; the file stays well-formed."""
    tree = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - the loader that makes nothing but text
    for number, value in edits:
        places = list(_places(tree))
        if places:
            container, key = places[number % len(places)]
            container[key] = deepcopy(value)
    survives(lambda: yaml.safe_dump(tree, sort_keys=False, default_style=None).replace("'", ""))


def _places(tree: Any) -> list[tuple[Any, Any]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = []
    for key, value in pairs:
        found += [(tree, key), *_places(value)]
    return found


@SETTINGS
@given(
    st.text(max_size=80),
    st.sampled_from(["", "input: [3, 8, 8]\nlayers:\n  - ", "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: "]),
)
def test_any_text(text: str, start: str) -> None:
    survives(lambda: start + text)
