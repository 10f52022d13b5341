"""Inputs at random and what once failed: whatever a file holds, `check` says what is wrong with it.

The long run of the same mutations is `python -m tests.fuzz.run`.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convcalc import bounds
from convcalc.checking.check_source import check_source
from convcalc.text.source import Source
from tests.fuzz import seeds
from tests.fuzz.expressions import expression
from tests.fuzz.mutations import mutated
from tests.fuzz.survival import SETTINGS, bounded, furnish, survive
from tests.fuzz.text_edits import changed_text, encoded
from tests.fuzz.tree_edits import changed_structure
from tests.helpers import network
from tests.test_hostile import LEGAL, REFUSED

FAILED_ONCE = sorted((seeds.DATA / "fuzz").glob("*.yaml"))
STARTS = ["", "input: [3, 8, 8]\nlayers:\n  - ", "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: "]
STRIDED = "conv2d: {name: a%d, from: input, out_channels: 3, kernel_size: 3, stride: 2}"
# Long files, a line or two for each of many.
LONG = {
    "readers of one map": network(
        "".join(f"- {STRIDED % number}\n" for number in range(3000))
        + f"- add: {{from: [{', '.join(f'a{number}' for number in range(3000))}]}}"
    ),
    "ignores": network("- relu  # convcalc: ignore[dropped-rows] why\n" * 12_000),
    "ignores above one line": network("# convcalc: ignore[dropped-rows] why\n" * 12_000 + "- relu"),
    "params": "params:\n" + "".join(f"  p{number}: 1\n" for number in range(20_000)) + network("- relu"),
}
BUSY = 20  # seconds of processor time on a busy machine; the long run allows 5
EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory and the limits of the long run, but for the bound of memory."""
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bounds, "MAX_LAYERS", 3000)


@pytest.mark.parametrize("path", FAILED_ONCE, ids=lambda path: path.stem)
def test_what_failed_once(path: Path) -> None:
    with bounded(BUSY):
        survive(path.read_bytes())


@pytest.mark.parametrize("name", [*REFUSED, *LEGAL])
def test_specs_from_strangers(name: str) -> None:
    """What `convcalc count` bears in tests/test_hostile.py."""
    with bounded(BUSY):
        survive((REFUSED[name][0] if name in REFUSED else LEGAL[name]).encode())


@pytest.mark.parametrize("text", LONG.values(), ids=list(LONG))
def test_many_of_a_kind(text: str) -> None:
    """The time grows with the number, not with its square."""
    with bounded():
        checked = check_source(Source("spec.yaml", text), SETTINGS)
    assert all(problem.where.file == "spec.yaml" for problem in checked.problems)


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_changed_text(chance: random.Random) -> None:
    with bounded(BUSY):
        survive(changed_text(seeds.pick(chance), chance))


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_changed_structure(chance: random.Random) -> None:
    with bounded(BUSY):
        survive(encoded(changed_structure(seeds.pick(chance), chance)))


@EXAMPLES
@given(st.randoms(use_true_random=False))
def test_expressions(chance: random.Random) -> None:
    written = expression(chance).replace('"', "'")
    head = f'input: [3, 8, 8]\nparams: {{n: 2, width: "={written}"}}\n'
    with bounded(BUSY):
        survive(f'{head}layers:\n  - relu: {{repeat: "={written}"}}\n'.encode())


@EXAMPLES
@given(st.sampled_from(STARTS), st.text(max_size=80))
def test_any_text(start: str, text: str) -> None:
    with bounded(BUSY):
        survive((start + text).encode("utf-8", "replace"))


@pytest.mark.parametrize("number", range(0, 300, 100))
def test_the_first_inputs_of_the_long_run(number: int) -> None:
    for each in range(number, number + 100):
        with bounded(BUSY):
            survive(mutated(random.Random(f"1 {each}")))  # noqa: S311 - nothing is secret here
