"""The writer of SVG: escaping, numbers, and the width of texts."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.drawing import svg
from convcalc.drawing.measure import shortened, width


@given(st.text())
def test_any_text_is_a_text_and_nothing_else(text: str) -> None:
    root = ElementTree.fromstring(svg.document([svg.text(0, 0, text, text)], 10, 10, text, "", "it"))  # noqa: S314
    shown = [element for element in root.iter() if element.tag.endswith("text")]
    assert len(shown) == 1
    assert (shown[0].text or "") == svg.clean(text)


def test_an_attribute_is_escaped() -> None:
    assert svg.element("rect", class_='a"><script>') == '<rect class="a&quot;&gt;&lt;script&gt;"/>'


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (0.04, "0"), (-0.04, "0"), (2.35, "2.4"), (-3.5, "-3.5")])
def test_a_coordinate_has_a_digit(value: float, written: str) -> None:
    assert svg.number(value) == written


@given(st.text(min_size=1, max_size=80), st.floats(40, 400))
def test_a_shortened_text_is_not_wider_than_the_limit(text: str, limit: float) -> None:
    short = shortened(text, 12, limit)
    assert width(short, 12) <= limit
    assert short == text or "…" in short
