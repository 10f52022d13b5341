"""The plot of figures: scales and their ticks, the places of points and texts."""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convcalc.drawing.measure import width
from convcalc.drawing.scatter.figure import Axis, Mark, Plot
from convcalc.drawing.scatter.labels import SIZE, Box, labels
from convcalc.drawing.scatter.picture import cells_of, plot_svg
from convcalc.drawing.scatter.places import TEXT, TITLE, laid_out
from convcalc.drawing.scatter.scale import Number, can_be_drawn, scale_of, tick_texts
from tests.drawing.pictures import SPACE, parsed, texts

NUMBERS = st.one_of(
    st.integers(-(10**6), 10**9),
    st.integers(0, 10**30),
    st.floats(-1e12, 1e12),
    st.floats(0, 2),
    st.integers(44_420, 44_430),
).filter(can_be_drawn)

# The lowest and the highest value, and the texts of the ticks.
TICKS: list[tuple[Number, Number, list[str]]] = [
    (0, 10, ["0", "2", "4", "6", "8", "10"]),
    (3, 9, ["3", "4", "5", "6", "7", "8", "9"]),
    (0.25, 1.5, ["0.2", "0.4", "0.6", "0.8", "1", "1.2", "1.4"]),
    (499, 1231, ["600", "800", "1,000", "1,200"]),
    (18_506, 105_338, ["20 K", "40 K", "60 K", "80 K", "100 K"]),
    (1_476_360, 1_720_624, ["1.5 M", "1.55 M", "1.6 M", "1.65 M", "1.7 M"]),
    (44_424, 44_428, ["44,424", "44,425", "44,426", "44,427", "44,428"]),
    (-3, 3, ["-3", "-2", "-1", "0", "1", "2", "3"]),
    (1, 1_000_000, ["1", "10", "100", "1 K", "10 K", "100 K", "1 M"]),
    (30_000, 18_000_000_000, ["100 K", "1 M", "10 M", "100 M", "1 G", "10 G"]),
    (1, 101, ["1", "2", "5", "10", "20", "50", "100"]),
    (1, 100, ["0", "20", "40", "60", "80", "100"]),  # just two decades
    (0, 1_000_000, ["0", "0.2 M", "0.4 M", "0.6 M", "0.8 M", "1 M"]),  # no logarithm
    (7, 7, ["6", "7", "8"]),
]


@pytest.mark.parametrize(("low", "high", "expected"), TICKS, ids=[f"{case[0]} to {case[1]}" for case in TICKS])
def test_ticks_are_round_numbers(low: Number, high: Number, expected: list[str]) -> None:
    scale = scale_of(low, high, is_whole=isinstance(low, int))
    assert tick_texts(scale.ticks(7), scale.is_log) == expected


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.integers(2, 10))
def test_the_order_on_an_axis_is_that_of_the_values(values: list[Number], most: int) -> None:
    ordered = sorted(values)
    is_whole = all(isinstance(value, int) for value in values)
    scale = scale_of(ordered[0], ordered[-1], is_whole=is_whole)
    places = [scale.at(value) for value in ordered]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    if ordered[-1] - ordered[0] > 1e-6 * max(abs(ordered[0]), abs(ordered[-1])):
        assert places[0] < 0.05
        assert places[-1] > 0.95
    assert scale.is_log == (ordered[0] > 0 and math.log10(ordered[-1]) - math.log10(ordered[0]) > 2)
    ticks = scale.ticks(most)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= most + 2
    assert not is_whole or all(tick == int(tick) for tick in ticks)
    shown = tick_texts(ticks, scale.is_log)
    assert len(set(shown)) == len(shown)


def box_of(element: ElementTree.Element) -> Box:
    """The box of a text, by the class that decides its font."""
    kinds = element.attrib.get("class", "").split()
    size = TITLE if "title" in kinds else SIZE if "label" in kinds else TEXT
    wide = width(element.text or "", size, bold="title" in kinds)
    x, y = float(element.attrib["x"]), float(element.attrib["y"])
    left = x - wide * {"middle": 0.5, "end": 1.0}.get(element.attrib.get("text-anchor", ""), 0.0)
    return Box(left, y - size * 0.75, left + wide, y + size * 0.2)


NAMES = st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1, max_size=90)


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    """Plots of points of any size, with long names, many marks or none, and a third figure or none."""
    dots = draw(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30))
    some = draw(st.lists(st.sampled_from(dots), max_size=12)) if dots else []
    levels = draw(st.booleans())
    marks = [Mark(*dot, draw(NAMES)[:25], "hint", draw(NUMBERS) if levels else None) for dot in some]
    scales = [scale_of(min(values), max(values), is_whole=all(isinstance(each, int) for each in values))
              for values in ([dot[axis] for dot in dots] or [0, 1] for axis in (0, 1))]  # fmt: skip
    level = None
    if marks and levels:
        of_marks = [mark.level or 0 for mark in marks]
        level = Axis(draw(NAMES), scale_of(min(of_marks), max(of_marks)))
    return Plot(draw(NAMES), draw(NAMES), Axis(draw(NAMES), scales[0]), Axis(draw(NAMES), scales[1]), dots, marks,
                draw(NAMES), level, stepped=not levels, count=len(dots), label=draw(NAMES),
                notes=draw(st.lists(NAMES, max_size=2)))  # fmt: skip


LONG_TICKS = Axis("x", scale_of(123_456_780, 123_456_789, is_whole=True))


@given(plots())
@example(Plot("", "", LONG_TICKS, LONG_TICKS, [], [], ""))
def test_no_text_leaves_the_picture_or_overlaps_another(plot: Plot) -> None:
    root = parsed(plot_svg(plot))
    whole = Box(0, 0, float(root.attrib["width"]), float(root.attrib["height"]))
    boxes = [(element.text, box_of(element)) for element in root.iter(f"{SPACE}text")]
    for text, box in boxes:
        assert box.is_within(whole), text
    for (text, one), (other_text, other) in combinations(boxes, 2):
        assert not one.touches(other), (text, other_text)


@given(plots())
def test_every_point_is_inside_the_frame(plot: Plot) -> None:
    root, frame = parsed(plot_svg(plot)), laid_out(plot).frame
    path = next(element for element in root.iter(f"{SPACE}path") if "dots" in element.attrib["class"])
    dots = [(float(x), float(y)) for x, y in re.findall(r"M(\S+) ([^h]+)h0", path.attrib["d"])]
    circles = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in root.iter(f"{SPACE}circle")]
    assert len(dots) == len(cells_of(plot)) <= len(plot.dots)
    assert bool(dots) == bool(plot.dots)
    rounded = Box(frame.left - 0.1, frame.top - 0.1, frame.right + 0.1, frame.bottom + 0.1)
    assert all(rounded.has(*place) for place in [*dots, *circles[:-1]])  # the last circle is that of the legend
    assert bool(circles) == bool(plot.marks)


def test_every_point_of_a_front_is_drawn_and_dots_are_thinned() -> None:
    dots = [(x / 10, y / 10) for x in range(1500) for y in range(0, 1500, 10)]
    marks = [Mark(float(x), float(x), "", "") for x in range(150)]
    scale = scale_of(0, 150)
    picture = plot_svg(Plot("", "", Axis("", scale), Axis("", scale), dots, marks, "", count=len(dots)))
    circles = list(parsed(picture).iter(f"{SPACE}circle"))
    assert len(circles) == 150 + 1
    note = next(text for text in texts(picture) if "grey points" in text)
    drawn = picture.count("h0") - 1
    assert f"225,000 networks have {drawn:,} grey points" in note
    assert 5000 < drawn < 30_000
    assert len(picture) < 500_000


def test_the_border_goes_along_the_axes() -> None:
    marks = [Mark(x, 10 - x, "", "") for x in range(11)]
    scale = scale_of(0, 10)
    plot = Plot("", "", Axis("", scale), Axis("", scale), [(mark.x, mark.y) for mark in marks], marks, "", stepped=True)
    path = next(each for each in parsed(plot_svg(plot)).iter(f"{SPACE}path") if "step" in each.attrib["class"])
    places = [tuple(map(float, pair.split())) for pair in path.attrib["d"][1:].split("L")]
    assert len(places) == 21
    for number, ((x, y), (next_x, next_y)) in enumerate(pairwise(places)):
        assert (y == next_y and next_x > x) if number % 2 == 0 else (x == next_x and next_y > y)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=60), st.lists(NAMES, min_size=60))
def test_labels_cover_no_mark(places: list[tuple[float, float]], words: list[str]) -> None:
    frame = Box(0, 0, 300, 200)
    named = labels(list(zip(places, [word[:20] for word in words])), [], [], frame)
    assert len(named) <= 8
    for label in named:
        assert label.box.is_within(frame)
        assert not any(label.box.has(x, y) for x, y in places)
    if len(places) == 1 and len(words[0]) < 8:
        assert named
