"""Conditions and expressions over the figures of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import convcalc
from convcalc.errors import UsageError
from convcalc.sweeping.conditions import Condition, parse_conditions
from convcalc.sweeping.formulas import parse_formula
from convcalc.sweeping.quantities import Candidate
from tests.helpers import network

# The figures: 112 + 1,450 params, 3,888 + 1,440 macs, the whole image as the field.
NET = network(
    """
    - conv2d: {name: conv, out_channels: 4, kernel_size: 3}
    - flatten: {name: flat}
    - linear: {name: out, out_features: 10}
    """
)
UNKNOWN = network(
    """
    - odd: {name: first}
    - conv2d: {name: conv, out_channels: 4, kernel_size: 1}
    """,
    head="custom: {odd: {output_shape: =input_shape}}",
)
KEYS = {"width": 16, "conv.kernel_size": 3, "layers": 2, "layer3.*.groups": "=in_channels", "merge": "add"}


def candidate(text: str = NET) -> Candidate:
    return Candidate(KEYS, convcalc.loads(text, name="net.yaml"))


PARAMS, MACS = 112 + 1450, 3888 + 1440

HOLDS = [
    "params < 5M", f"params == {PARAMS}", "params > 1.5K and macs > 3Ki", "not params > 5k", "6000 > macs",
    "receptive_field >= 8", "field == [8, 8]", "field < 9", "not field < 8", "field[0] * 2 == 16",
    "output_shape == [10]", "input_shape == [3, 8, 8]", "output == [10]", "output_shape != [11]", "len(input) == 3",
    "input_shape[1] >= 8 and input_shape[2] >= 8", "max(field) - min(field) == 0",
    "layers['conv'].macs == 3888", "layers['conv'].output_shape == [4, 6, 6]", "layers['conv'].kernel_size == [3, 3]",
    "layers['conv'].out_channels == 4", "layers['conv'].type == 'conv2d'", "layers['conv'].receptive_field >= 3",
    "layers['out'].params / totals.params > 0.5", 'layers["conv"].params < layers["out"].params',
    "width == 16", "width in [8, 16]", "conv.kernel_size == 3", "vary['layers'] == 2", "totals.layers == 3",
    "vary['layer3.*.groups'] == '=in_channels'", "merge == 'add'", "1K < params < 2K", "params < 1G or macs < 0",
    "(params < 5M) == true", "4MiB == 4 * 1024 * 1024", "0.0015M == 1500",
    "params < 1 if width > 20 else macs > 0", "params < 5M and\n macs < 1G", "sqrt(width) == 4", "2.5K == 2500",
]  # fmt: skip
FAILS = ["params > 5M", "field >= 9", "output_shape == [10, 1]", "field == [8, 9]", "input_shape == [3, 8]",
         "layers['conv'].kernel_size == 5", "merge != 'add'", "width not in [8, 16]"]  # fmt: skip


@pytest.mark.parametrize("text", HOLDS)
def test_holds(text: str) -> None:
    assert parse_formula(text, KEYS).value(candidate()) is True


@pytest.mark.parametrize("text", FAILS)
def test_fails(text: str) -> None:
    assert parse_formula(text, KEYS).value(candidate()) is False


VALUES = [("macs / params", MACS / PARAMS), ("width", 16), ("layer3.*.groups", "=in_channels"),
          ("field", (8, 8)), ("layers['conv'].stride", (1, 1)), ("layers['conv'].input_shape", (3, 8, 8)),
          ("layers['none'].macs", None), ("macs - 1K", MACS - 1000)]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[case[0] for case in VALUES])
def test_figures(text: str, expected: Any) -> None:
    assert parse_formula(text, KEYS).figure(candidate()) == expected


WRONG = [
    ("parms < 5M", "there is no figure `parms`", "did you mean params"),
    ("zzz", "there is no figure `zzz`", "the figures are layers"),
    ("kernel_size == 3", "`kernel_size` is a figure of a layer, not of the network", "layers['conv1'].kernel_size"),
    ("layers < 3", "`layers` is a varied key and a figure", "vary['layers'] or totals.layers"),
    ("layers['conv'] < 3", "`layers['conv']` is a whole layer", "layers['conv'].macs"),
    ("layers['conv'].activations", "a layer has no figure `activations`", ""),
    ("conv.macs < 3", "`conv.macs` is neither a figure nor a varied key", "layers['conv'].macs"),
    ("vary['nope']", "`nope` is not varied", "the varied keys are width"),
    ("totals.nope", "there is no figure `nope`", ""),
    ("max < 3", "there is no figure `max`", "`max` is a function"),
    ("params < 5X", "invalid decimal literal", "numbers such as 5M"),
    ("params < ", "invalid syntax", "as in 'params"),
    ("", "nothing follows", ""),
    ("params = 5", "", ""),
    ("params is 5", "an operator that is not known", "compare with =="),
    ("x" * 2000, "the expression has 2,000 characters", "CONVCALC_MAX_EXPRESSION_LENGTH"),
]


@pytest.mark.parametrize(("text", "message", "help"), WRONG, ids=[case[0][:40] for case in WRONG])
def test_wrong(text: str, message: str, help: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_formula(text, KEYS)
    assert message in caught.value.message
    assert help in caught.value.help


HOSTILE = [
    "__import__('os').system('true')", "().__class__", "params.__class__",
    "layers['conv'].__class__", "totals.__dict__",
    "vary.__class__", "''.format(params)", "'{0.__class__}'.format(params)", "f'{params.__class__}'",
    "open('/etc/passwd')",
    "[x for x in (1, 2)]", "lambda: 1", "(x := 5)", "exec('1')", "eval('1')", "getattr(params, 'x')", "globals()",
    "9 ** 9 ** 9", "10 ** 1000000", "'a' * 10 ** 9", "[1] * 10 ** 9", "[[0] * 9999] * 9999", "1 << 10 ** 9",
    "layers.__class__.__mro__", "min.__self__", "layers['conv'].config.__class__", "print(1)", "{}.x", "{1: 2}", "{1}",
    "params if params else __builtins__", "(" * 300 + "1" + ")" * 300, "b'a' == 1", "1j", "...", "await x", "*params",
    "'%s' % params", "layers[params].macs", "layers['conv']['macs']", "vary[params]", "yield 1",
    "-" * 990 + "1", "params" + ".a" * 400, "(" * 90 + "params" + ")" * 90, "[" * 90 + "]" * 90, "~params",
    "params" + "[0]" * 300, "params @ 2",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:40] for text in HOSTILE])
def test_hostile(text: str) -> None:
    """Each is refused where it is read, or has no value; none reaches Python."""
    try:
        [condition] = parse_conditions([text], KEYS)
    except UsageError:
        return
    try:
        failure = condition.failure(candidate())
    except UsageError:
        return
    assert failure.startswith(f"{condition.text} (")


def test_long_conditions_have_a_value() -> None:
    for text in ("not " * 240 + "1", "params < " * 100 + "1", "params < 1" + " and 1" * 150):
        assert all(condition.failure(candidate()) in ("", condition.text) for condition in conditions(text)[:1])


def conditions(*texts: str) -> Sequence[Condition]:
    return parse_conditions(texts, KEYS)


def test_and_separates_conditions() -> None:
    found = conditions("params < 5M and (macs < 1G or field >= 3) and not (width == 3)", "layers['conv'].macs > 3K")
    assert [condition.text for condition in found] == [
        "params < 5M", "macs < 1G or field >= 3", "not (width == 3)", "layers['conv'].macs > 3K"
    ]  # fmt: skip
    assert [condition.text for condition in conditions("params < 5M or macs < 1 and field > 3")] == [
        "params < 5M or macs < 1 and field > 3"
    ]
    assert [condition.text for condition in conditions("layers['größe'].macs < 5M and params < 12K")] == [
        "layers['größe'].macs < 5M", "params < 12K"
    ]  # fmt: skip


MISSES: list[tuple[str, tuple[float, Any] | None]] = [
    ("params < 1000", ((PARAMS - 1000) / 1000, PARAMS)),
    ("1000 > params", ((PARAMS - 1000) / PARAMS, PARAMS)),
    ("field >= 16", (0.5, [8, 8])),
    ("layers['conv'].output_shape == [4, 9, 6]", (1 / 3, [4, 6, 6])),
    ("output_shape == [1, 2]", None),
    ("merge == 'mul'", None),
    ("params < 1K or macs < 1", None),
]


@pytest.mark.parametrize(("text", "expected"), MISSES, ids=[case[0] for case in MISSES])
def test_misses(text: str, expected: tuple[float, Any] | None) -> None:
    [condition] = conditions(text)
    assert condition.failure(candidate()) == text
    found = condition.miss(candidate())
    if expected is None or found is None:
        assert found is expected
    else:
        assert found[0] == pytest.approx(expected[0])
        assert found[1] == expected[1]


def test_an_unknown_figure_meets_no_condition() -> None:
    for text in ("params < 5M", "params >= 0", "not params > 5"):
        [condition] = conditions(text)
        assert condition.failure(candidate(UNKNOWN)) == f"{text} (not known)"
    assert parse_formula("params", KEYS).figure(candidate(UNKNOWN)) == 16
    assert parse_formula("params + 1", KEYS).figure(candidate(UNKNOWN)) is None


def test_a_layer_that_is_not_there() -> None:
    [condition] = conditions("layers['conf'].macs < 5")
    assert condition.failure(candidate()) == "layers['conf'].macs < 5 (there is no layer `conf`)"


def test_a_number_is_no_condition() -> None:
    [condition] = conditions("params + 1")
    with pytest.raises(UsageError, match="not a condition"):
        condition.failure(candidate())


def test_several_outputs() -> None:
    text = network(
        """
        - conv2d: {name: a, out_channels: 4, kernel_size: 3}
        - conv2d: {name: b, out_channels: 5, kernel_size: 3}
        """,
        head="outputs: [a, b]",
    )
    for holds in ("field >= 3", "output_shape['a'] == [4, 6, 6]", "field['b'] == [5, 5]", "not field >= 5"):
        assert parse_formula(holds, KEYS).value(candidate(text)) is True
