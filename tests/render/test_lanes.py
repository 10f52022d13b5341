"""The lanes beside a table: continuous from line to line, one layer a line, and as a person would draw them."""

from __future__ import annotations

from itertools import pairwise
from textwrap import dedent

import pytest

import convcalc
from convcalc import shipped
from convcalc.render.lanes import MOST_LANES, PLAIN, Glyphs, glyphs_for, lanes
from convcalc.report.view import fold

GOES_DOWN, GOES_UP = set("│╮╭┬┤├┼"), set("│╯╰┴┤├┼")

PARALLEL = """
    ●─╮
    ● │
    │ ├─●
    │ │ ●
    │ ├─│─●
    │ │ │ ●
    │ ● │ │
    │ ● │ │
    ●─┴─┴─╯
"""
U_NET = """
    ●─╮
    ● │
    ●─│─╮
    ● │ │
    ●─│─│─╮
    ● │ │ │
    ●─│─│─│─╮
    ● │ │ │ │
    ● │ │ │ │
    ● │ │ │ │
    │ │ │ │ ●
    ●─│─│─│─╯
    ● │ │ │
    ● │ │ │
    │ │ │ ●
    ●─│─│─╯
    ● │ │
    ● │ │
    │ │ ●
    ●─│─╯
    ● │
    ● │
    │ ●
    ●─╯
    ●
    ●
"""


def drawn(target: str, depth: int | None = None, glyphs: Glyphs | None = None) -> list[str]:
    rows = convcalc.analyse(target).rows
    return lanes(rows if depth is None else fold(rows, depth), glyphs or Glyphs())


def lines(picture: str) -> list[str]:
    return dedent(picture).strip().splitlines()


def test_a_u_net_has_a_lane_for_each_skip() -> None:
    assert drawn("unet", 2) == lines(U_NET)


def test_branches_have_lanes_of_their_own() -> None:
    text = """
        input: [8, 8, 8]
        layers:
          - relu: {name: start}
          - relu: {name: a1}
          - relu: {name: b1, from: start}
          - relu: {name: b2}
          - relu: {name: c1, from: start}
          - relu: {name: c2}
          - relu: {name: d1, from: start}
          - relu: {name: d2}
          - concat: {from: [a1, b2, c2, d2]}
    """
    rows = convcalc.analyse(convcalc.loads(dedent(text))).rows
    assert lanes(rows, Glyphs()) == lines(PARALLEL)


def test_a_chain_is_one_lane() -> None:
    assert set(drawn("vgg16")) == {"●"}


@pytest.mark.parametrize("name", list(shipped.files()))
def test_lanes_are_continuous(name: str) -> None:
    for depth in (None, 1, 2):
        found = drawn(name, depth)
        assert all(line.count("●") == 1 or "…" in line for line in found)
        for upper, lower in pairwise(found):
            for place in range(0, 2 * MOST_LANES, 2):
                above, below = upper[place : place + 1], lower[place : place + 1]
                assert above not in GOES_DOWN or below in GOES_UP | {"●"}, (upper, lower)
                assert below not in GOES_UP or above in GOES_DOWN | {"●"}, (upper, lower)


def test_a_terminal_without_the_glyphs_has_plain_ones() -> None:
    assert glyphs_for("ascii") is PLAIN
    assert glyphs_for("no-such-encoding") is PLAIN
    assert drawn("unet", 2, PLAIN)[:3] == ["*-.", "* |", "*-|-."]
    assert all(line.isascii() for name in ("hrnet", "densenet121") for line in drawn(name, None, PLAIN))
