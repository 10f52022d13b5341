"""What a call gives beside the file."""

from __future__ import annotations

from pathlib import Path

import pytest

import convcalc
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import as_value, parse_input_shape, parse_setting

SPEC = """\
input: [3, 32, 32]
params: {widths: [8, 16], act: relu}
layers:
  - conv2d: {out_channels: "=widths[0]", kernel_size: 3}
  - =act
  - conv2d: {out_channels: "=widths[1]", kernel_size: 3}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("texts", "shapes"),
    [
        (["widths=[4, 5]"], [(4, 30, 30), (4, 30, 30), (5, 28, 28)]),
        (["widths=[4, =2 * 3]"], [(4, 30, 30), (4, 30, 30), (6, 28, 28)]),
        (["act=tanh"], [(8, 30, 30), (8, 30, 30), (16, 28, 28)]),
    ],
)
def test_a_setting_is_written_as_in_yaml(file: str, texts: list[str], shapes: list[tuple[int, ...]]) -> None:
    report = convcalc.analyse(file, params=dict(map(parse_setting, texts)))
    assert [row.output_shape for row in report.rows] == shapes


def test_a_setting_that_fails_is_a_problem_of_the_file(file: str) -> None:
    with pytest.raises(SpecError, match="the name 'wide' is not known"):
        convcalc.analyse(file, params=dict([parse_setting("widths=[4, =wide]")]))


def test_python_values_and_those_of_a_text_are_the_same() -> None:
    given = {"a": [1, [2.5, None]], "b": {"c": "=1 + 1", "d": True}}
    text = parse_setting("x={a: [1, [2.5, null]], b: {c: =1 + 1, d: true}}")[1]
    assert repr_of(as_value(text)) == repr_of(as_value(given))


def repr_of(value: object) -> object:
    """Sequences and mappings as lists and dicts, all the way down."""
    if hasattr(value, "items") and not callable(value.items):
        return [repr_of(item) for item in value.items]
    if hasattr(value, "pairs"):
        return {key: repr_of(item) for key, item in value.pairs.items()}
    return repr(value)


@pytest.mark.parametrize("text", ["width", "=3", "", "a=[1"])
def test_what_sets_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_setting(text)


@pytest.mark.parametrize("value", [object(), {1, 2}, 3j])
def test_a_python_value_that_no_spec_has_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="a spec cannot have the value"):
        as_value(value)


def test_shapes_are_read_as_people_write_them() -> None:
    assert [repr_of(parse_input_shape(text)) for text in ("3x32x32", "3,32,32", "3X32X32", "[3, 32, 32]")] == [
        ["3", "32", "32"]
    ] * 4
    assert repr_of(parse_input_shape("left=3x8x8,right=1x8x8")) == {"left": ["3", "8", "8"], "right": ["1", "8", "8"]}
