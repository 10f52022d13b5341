"""Sweeps: the network with several values of a key, a param or the input; and edits that keep sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.editor import Session, View, open_session
from convcalc.errors import UsageError
from tests.editor.conftest import Opener

STAGES = """\
input: [3, 16, 16]
params: {base: 8, depths: [2, 2], k: 3}
blocks:
  unit:
    params: {width: null}
    layers:
      - residual:
          shortcut: [{conv2d: {out_channels: =width, kernel_size: 1}}]
          layers:
            - conv2d: {name: conv1, out_channels: =width, kernel_size: =k, padding: 1}
            - conv2d: {name: conv2, out_channels: =width, kernel_size: 3, padding: 1}
layers:
  - unit: {name: stage, rows: [[width], [=base], [=2 * base]], repeat: 2}
  - global_avg_pool
"""


def points(session: Session, layer: str, key: str, *values: Any, **options: Any) -> list[tuple[Any, bool]]:
    """Each value, and whether the network builds with it."""
    return [(point.value, not point.problem) for point in session.sweep(layer, key, values or None, **options)]


# What is swept, and whether the network builds with each value.
SWEPT: dict[str, tuple[tuple[Any, ...], dict[str, Any], list[bool]]] = {
    "a literal of one copy": (("stage.0.0.conv2", "kernel_size", 1, 3, 5), {}, [False, True, False]),
    "with its size kept": (("stage.0.0.conv2", "kernel_size", 1, 2, 3, 5), {"keep_size": True}, [True] * 4),
    "an expression of one copy": (("stage.0.0.conv1", "out_channels", 4, 8, 16), {}, [True, True, True]),
    "an expression before a sum": (("stage.1.0.conv2", "out_channels", 8, 16, 32), {}, [False, True, False]),
    "several layers": (("stage.*.conv1", "out_channels", 8, 16), {}, [True, True]),
    "all copies": (("stage.0.0.conv2", "kernel_size", 3, 5), {"every_copy": True, "keep_size": True}, [True, True]),
    "a param": (("params", "base", 4, 8, 16), {}, [True, True, True]),
    "a param of a kernel": (("params", "k", 1, 3, 5), {"keep_size": True}, [True, True, True]),
    "a param that does not fit": (("params", "k", 1, 3, 5), {}, [False, True, False]),
    "the input": (("", "input", "3x8x8", [3, 16, 16], "[3, 32, 16]"), {}, [True, True, True]),
    "a param of a block": (("stage.0.0", "width", 4, 8), {}, [True, True]),
    "a number of copies": (("stage", "repeat", 1, 2, 3), {}, [True, True, True]),
}  # fmt: skip


@pytest.mark.parametrize("case", SWEPT)
def test_values_that_build(case: str, session_on: Opener) -> None:
    (layer, key, *values), options, expected = SWEPT[case]
    session = session_on(STAGES)
    assert [built for _, built in points(session, layer, key, *values, **options)] == expected
    assert session.text == STAGES


VALUES: dict[str, tuple[str, str, list[Any], list[Any]]] = {
    "a range": ("params", "base", ["4..16:4"], [4, 8, 12, 16]),
    "a factor and single values": ("params", "base", ["4..16*2,24", "32"], [4, 8, 16, 24, 32]),
    "Python values among texts": ("params", "base", [4, "8,16"], [4, 8, 16]),
    "lists": ("stage.0.0.conv2", "kernel_size", ["[3, 3],[1, 3]"], [[3, 3], [1, 3]]),
    "expressions": ("stage.0.0.conv2", "out_channels", ["=max(1, base),8"], ["=max(1, base)", 8]),
    "words": ("stage.0.0.conv2", "padding", ["same,1"], ["same", 1]),
    "shapes": ("", "input", ["3x8x8,3x16x16", "[3, 8, 8]"], [[3, 8, 8], [3, 16, 16], [3, 8, 8]]),
    "a shape between commas": ("", "input", ["3,8,8"], [[3, 8, 8]]),
    "a shape by name": ("", "input", ["left=3x8x8,right=3x8x8"], [{"left": [3, 8, 8], "right": [3, 8, 8]}]),
    "sizes of the input": ("", "input.height", ["8..16:4"], [8, 12, 16]),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_are_written_as_for_the_command(case: str, session_on: Opener) -> None:
    layer, key, given, expected = VALUES[case]
    assert [point.value for point in session_on(STAGES).sweep(layer, key, given)] == expected


def test_a_size_of_the_input_gives_the_figures_of_that_input(session_on: Opener) -> None:
    session = session_on(STAGES)
    for key, shape in (("input.height", [3, 24, 16]), ("input.size", [3, 24, 24])):
        (point,) = session.sweep("", key, [24])
        assert point.macs == convcalc.analyse(convcalc.loads(STAGES, input=shape)).totals.macs


def test_combinations_are_those_of_the_text_and_the_view(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(STAGES)
    session = open_session(str(tmp_path / "net.yaml"), view=View([3, 24, 24], {"base": 4, "stage.*.conv1.bias": False}))
    session.set("stage.0.0.conv1", "padding", "=(k - 1) // 2")
    rows = session.sweep_axes(["params.k=1,3", "stage.*.conv2.bias=true,false"], where=["params > 0"]).rows
    assert [row.values for row in rows] == [
        {"k": k, "stage.*.conv2.bias": bias} for k in (1, 3) for bias in (True, False)
    ]
    for row in rows:
        network = convcalc.loads(session.text, input=[3, 24, 24],
                                 params={"base": 4, "stage.*.conv1.bias": False, **row.values})  # fmt: skip
        totals = convcalc.analyse(network).totals
        assert (row.params, row.macs) == (totals.params, totals.macs)


def test_the_last_of_two_settings_counts_in_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(STAGES)
    view = View(params={"stage.0.0.conv2.bias": True, "stage.*.conv2.bias": False})
    session = open_session(str(tmp_path / "net.yaml"), view=view)
    off, on = session.sweep("stage.0.0.conv2", "bias", [False, True])
    assert (on.params or 0) - (off.params or 0) == 8


def test_too_many_networks_are_refused(session_on: Opener) -> None:
    with pytest.raises(UsageError, match=r"1,000,000 networks are more than 100,000"):
        session_on(STAGES).sweep_axes(["base=1..1000", "k=1..1000"])
    with pytest.raises(UsageError, match="has 100,000 values"):
        session_on(STAGES).sweep("params", "base", ["1..100000"])


# The value that each key has now: its row has the present figures.
PRESENT = [("stage.1.1.conv2", "out_channels", 16), ("stage.0.1.conv1", "kernel_size", 3), ("stage.1.0", "width", 16),
           ("params", "base", 8), ("", "input", [3, 16, 16])]  # fmt: skip


@pytest.mark.parametrize(("layer", "key", "value"), PRESENT)
def test_the_present_value_has_the_present_figures(layer: str, key: str, value: Any, session_on: Opener) -> None:
    session = session_on(STAGES)
    assert session.report is not None
    (point,) = session.sweep(layer, key, [value])
    totals = session.report.totals
    assert (point.params, point.macs, point.field) == (totals.params, totals.macs, totals.receptive_field)
    usual = list(session.sweep(layer, key))
    assert len(usual) > 3
    assert value in [point.value for point in usual]


def test_only_the_layers_that_are_named_change(session_on: Opener) -> None:
    session = session_on(STAGES)
    one, several, every = [
        next(session.sweep(layer, "bias", [False], every_copy=every)) for layer, every in
        (("stage.1.0.conv2", False), ("stage.1.*.conv2", False), ("stage.1.0.conv2", True))
    ]  # fmt: skip
    assert session.report is not None
    own = session.report.totals.params
    assert own is not None
    assert [own - (point.params or 0) for point in (one, several, every)] == [16, 32, 48]
    assert [len(point.layers) for point in (one, several, every)] == [1, 2, 4]
    assert every.layers[0] == "stage.1.0.conv2"
    assert every.params == convcalc.analyse(convcalc.loads(session.text, params={"*.conv2.bias": False})).totals.params


def test_a_value_that_does_not_fit_names_the_padding(session_on: Opener) -> None:
    (point,) = session_on(STAGES).sweep("stage.0.0.conv2", "kernel_size", [5])
    assert point.problem == "add cannot join 8x14x14 and 8x16x16"
    assert point.padding == "padding 2"


REFUSED = {
    "no layer": ("stage.9.conv1", "bias", "there is no layer `stage.9.conv1` in the text"),
    "no match": ("stages*", "bias", "no layer matches `stages*`"),
    "no key": ("stage.*.conv1", "kernel", "no layer that matches `stage.*.conv1` has `kernel`; did you mean"),
    "no param": ("params", "bas", "there is no param `bas`; did you mean base?"),
    "no usual values": ("params", "depths", "there are no usual values of depths"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_sweeps_that_are_refused_at_once(case: str, session_on: Opener) -> None:
    layer, key, message = REFUSED[case]
    with pytest.raises(UsageError) as refused:
        session_on(STAGES).sweep(layer, key)
    assert str(refused.value).startswith(message)


def test_an_edit_takes_the_padding_along(session_on: Opener) -> None:
    session = session_on(STAGES)
    outcome = session.set("stage.0.0.conv2", "kernel_size", 5, keep_size=True)
    assert outcome.message == (
        "set stage.0.0.conv2.kernel_size to 5 and padding to 2 (was 3), in 4 places (block unit)"
    )
    assert not outcome.problems
    assert "name: conv2, out_channels: =width, kernel_size: 5, padding: 2" in session.text
    session.undo()
    assert session.text == STAGES
    session.keep_size = True
    session.set("stage.0.0.conv2", "dilation", 2)
    assert "padding: 2, dilation: 2" in session.text


def test_an_edit_that_no_padding_keeps_is_refused(session_on: Opener) -> None:
    session = session_on(STAGES.replace("kernel_size: 3, padding: 1", "kernel_size: 3, padding: 0"))
    outcome = session_on("input: [3, 8, 8]\nlayers:\n  - conv2d: {name: x, out_channels: 1, kernel_size: 3}\n").set(
        "x", "kernel_size", 1, keep_size=True)  # fmt: skip
    assert outcome.refused
    assert outcome.message == "no padding keeps the size 6 with kernel_size 1"
    assert session.set("stage.0.0.conv2", "kernel_size", 5, keep_size=True).problems  # it does not build before either


def test_an_edit_that_breaks_a_sum_is_named(session_on: Opener) -> None:
    outcome = session_on(STAGES).set("stage.1.0.conv2", "kernel_size", 5)
    assert outcome.problems[0].help.endswith(
        "the edit made the output of stage.0.0.conv2 8x14x14, not 8x16x16; with padding 2, or --keep-size, it stays"
        " 8x16x16"
    )


ROWS = """\
input: [3, 16, 16]
layers:
  - conv2d:
      name: c
      rows:
        - [out_channels, kernel_size, padding]
        - [4, 3, 1]
        - [8, 5, 2]
      repeat: 2
"""


def test_a_row_takes_its_own_padding_along(session_on: Opener) -> None:
    session = session_on(ROWS)
    outcome = session.set("c.0.1", "kernel_size", 7, keep_size=True)
    assert "[4, 7, 3]" in session.text
    assert not outcome.problems
    assert session.places("c.1.0", "kernel_size") == ["c.1.0", "c.1.1"]
    (point,) = session.sweep("c.1.1", "kernel_size", [5], every_copy=True)
    assert session.report is not None
    assert (point.params, point.layers) == (session.report.totals.params, ["c.1.1", "c.1.0"])
    shared = ROWS.replace("_size, padding", "_size").replace("3, 1]", "3]").replace("5, 2]", "3]")
    session = session_on(shared.replace("repeat: 2", "padding: 1"))
    assert session.set("c.0", "kernel_size", 5, keep_size=True).message == "padding is written once for all rows"


def test_a_view_that_breaks_a_sum_is_named(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(STAGES)
    session = open_session(str(tmp_path / "net.yaml"), view=View(params={"stage.*.conv2.kernel_size": 5}))
    assert session.problems[0].help.endswith("with padding 2, or --keep-size, it stays 8x16x16")
    assert session.set("stage.0.0.conv2", "padding", 2).changed
    assert session.is_current
    with pytest.raises(UsageError, match="there is no layer `stages`"):
        open_session(str(tmp_path / "net.yaml"), view=View(params={"stages.bias": False}))


def test_layers_of_an_included_block_are_swept(session_on: Opener) -> None:
    session = session_on(
        """\
        input: [3, 32, 32]
        include: resnet
        layers:
          - basic: {name: unit, repeat: 2, width: 8}
        """
    )
    assert points(session, "unit.*.conv2", "kernel_size", 3, 5, keep_size=True) == [(3, True), (5, True)]
    assert [value for value, _ in points(session, "unit.0.conv1", "out_channels")] == [2, 4, 8, 16, 32]


def test_copies_of_a_computed_type_are_swept(tmp_path: Path) -> None:
    session = open_session("resnet18")
    assert points(session, "layer1", "repeat", 1, 2) == [(1, True), (2, True)]
    assert points(session, "layer1.0", "width", 64) == [(64, True)]
    (point,) = session.sweep("layer1.0", "widht", [64])
    assert point.problem == "layer1.0 has no `widht`"
