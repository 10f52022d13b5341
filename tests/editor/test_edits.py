"""Each edit by the name of a layer: the text before, what is asked, the lines that differ, what it says."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import pytest

from convcalc.editor import Outcome, Session, open_session
from tests.editor.conftest import is_valid

CHAIN = """\
input: [3, 16, 16]
params: {width: 8, depth: 2}
layers:
  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first
  - relu
  - max_pool2d: {name: pool, kernel_size: 2}
  - linear: {name: out, out_features: 4}
"""
BLOCKS = """\
input: [3, 16, 16]
params: {width: 8}
variants:
  wide: {params: {width: 16}}
  big: {input: [3, 32, 32]}
blocks:
  unit:
    params: {out: null, kernel: 3}
    layers:
      - conv2d: {name: conv, out_channels: =out, kernel_size: =kernel, padding: same}
      - relu
layers:
  - unit: {name: stage, out: =width, repeat: 2}
  - unit: {name: last, out: 5, kernel: 1}
"""
ROWS = """\
input: [3, 16, 16]
params:
  table: [[out, kernel], [4, 3], [8, 5]]
layers:
  - conv2d:
      name: conv
      rows:
        - [out_channels, kernel_size]
        - [4, 3]
        - [8, 5]
  - sequential:
      name: more
      rows: =table
      layers:
        - conv2d: {name: inner, out_channels: =out, kernel_size: =kernel}
"""
Ask = Callable[[Session], Outcome]

CASES: dict[str, tuple[str, Ask, list[str], str]] = {
    "a value as it is typed": (
        CHAIN, lambda s: s.set("stem", "kernel_size", " [5, 3] "),
        ["-  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first",
         "+  - conv2d: {name: stem, out_channels: =width, kernel_size: [5, 3]}  # the first"],
        "set stem.kernel_size to [5, 3] (was 3)"),
    "a value of Python": (
        CHAIN, lambda s: s.set("pool", "stride", (1, 2)),
        ["-  - max_pool2d: {name: pool, kernel_size: 2}",
         "+  - max_pool2d: {name: pool, kernel_size: 2, stride: [1, 2]}"],
        "set pool.stride to [1, 2]"),
    "an expression is replaced, and it is said": (
        CHAIN, lambda s: s.set("stem", "out_channels", "12"),
        ["-  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first",
         "+  - conv2d: {name: stem, out_channels: 12, kernel_size: 3}  # the first"],
        "set stem.out_channels to 12 (was =width)"),
    "an expression with a comma": (
        CHAIN, lambda s: s.set("stem", "out_channels", "=max(1, width)"),
        ["-  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first",
         '+  - conv2d: {name: stem, out_channels: "=max(1, width)", kernel_size: 3}  # the first'],
        'set stem.out_channels to =max(1, width) (was =width)'),
    "a layer without a name": (
        CHAIN, lambda s: s.set("relu_1", "trainable", False), ["-  - relu", "+  - relu: {trainable: false}"],
        "set relu_1.trainable to false"),
    "a key goes": (
        CHAIN, lambda s: s.unset("stem", "kernel_size"),
        ["-  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first",
         "+  - conv2d: {name: stem, out_channels: =width}  # the first"],
        "unset stem.kernel_size (was 3)"),
    "sharing": (
        CHAIN, lambda s: s.set("stem", "sharing", "{tile: [2, 2]}"),
        ["-  - conv2d: {name: stem, out_channels: =width, kernel_size: 3}  # the first",
         "+  - conv2d: {name: stem, out_channels: =width, kernel_size: 3, sharing: {tile: [2, 2]}}  # the first"],
        "set stem.sharing to {tile: [2, 2]}"),
    "what the value reads, in the params": (
        CHAIN, lambda s: s.set_origin("stem", "out_channels", 12),
        ["-params: {width: 8, depth: 2}", "+params: {width: 12, depth: 2}"],
        "set params.width to 12 (was 8), which stem.out_channels reads, on line 2"),
    "an entry after another": (
        CHAIN, lambda s: s.add("conv2d", {"out_channels": "2", "kernel_size": 1}, after="relu_1"),
        ["+  - conv2d: {out_channels: 2, kernel_size: 1}"],
        "add {conv2d: {out_channels: 2, kernel_size: 1}} after relu_1"),
    "an entry before another": (
        CHAIN, lambda s: s.add("relu", before="stem"), ["+  - relu"], "add relu before stem"),
    "an entry at the start": (CHAIN, lambda s: s.add("relu", into=""), ["+  - relu"],
                              "add relu at the start of the network"),
    "an entry at the end": (CHAIN, lambda s: s.add("relu"), ["+  - relu"], "add relu at the end"),
    "an entry of a block": (
        BLOCKS, lambda s: s.add("tanh", into="stage"), ["+      - tanh"], "add tanh at the start of stage"),
    "an entry can be added at one place": (CHAIN, lambda s: s.remove("relu_1"), ["-  - relu"], "remove relu_1"),
    "an entry goes down": (
        CHAIN, lambda s: s.move("relu_1", 1),
        ["-  - max_pool2d: {name: pool, kernel_size: 2}", "+  - max_pool2d: {name: pool, kernel_size: 2}"],
        "move relu_1 1 down"),
    "the input": (CHAIN, lambda s: s.set_input("1x8x8"), ["-input: [3, 16, 16]", "+input: [1, 8, 8]"],
                  "set input to [1, 8, 8] (was [3, 16, 16])"),
    "a param": (CHAIN, lambda s: s.set_param("width", "4"),
                ["-params: {width: 8, depth: 2}", "+params: {width: 4, depth: 2}"], "set param width to 4 (was 8)"),
    "an entry of a block is one of its definition": (
        BLOCKS, lambda s: s.set("stage.0.conv", "kernel_size", 5),
        ["-      - conv2d: {name: conv, out_channels: =out, kernel_size: =kernel, padding: same}",
         "+      - conv2d: {name: conv, out_channels: =out, kernel_size: 5, padding: same}"],
        "set stage.0.conv.kernel_size to 5 (was =kernel), in 3 places (block unit)"),
    "what an entry of a block reads, where the block is used": (
        BLOCKS, lambda s: s.set_origin("last.conv", "kernel_size", 5),
        ["-  - unit: {name: last, out: 5, kernel: 1}", "+  - unit: {name: last, out: 5, kernel: 5}"],
        "set layers.1.unit.kernel to 5 (was 1), which last.conv.kernel_size reads, on line 14"),
    "what it reads, where the block has its default": (
        BLOCKS, lambda s: s.set_origin("stage.1.conv", "kernel_size", 5),
        ["-    params: {out: null, kernel: 3}", "+    params: {out: null, kernel: 5}"],
        "set blocks.unit.params.kernel to 5 (was 3), which stage.1.conv.kernel_size reads, on line 8"),
    "what it reads through two names": (
        BLOCKS, lambda s: s.set_origin("stage.1.conv", "out_channels", 9),
        ["-params: {width: 8}", "+params: {width: 9}"],
        "set params.width to 9 (was 8), which stage.1.conv.out_channels reads, on line 2"),
    "the param of a block where it is used": (
        BLOCKS, lambda s: s.set("stage", "kernel", 5),
        ["-  - unit: {name: stage, out: =width, repeat: 2}",
         "+  - unit: {name: stage, out: =width, repeat: 2, kernel: 5}"],
        "set stage.kernel to 5, in 2 places"),
    "a cell": (ROWS, lambda s: s.set("conv.1", "kernel_size", 7), ["-        - [8, 5]", "+        - [8, 7]"],
               "set conv.1.kernel_size to 7 (was 5), in 2 places"),
    "a cell that an expression reads": (
        ROWS, lambda s: s.set_origin("more.0.inner", "out_channels", 6),
        ["-  table: [[out, kernel], [4, 3], [8, 5]]", "+  table: [[out, kernel], [6, 3], [8, 5]]"],
        "set params.table.1.0 to 6 (was 4), which more.0.inner.out_channels reads, on line 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_edit_changes_these_lines(case: str, tmp_path: Path) -> None:
    text, ask, expected, message = CASES[case]
    path = tmp_path / "net.yaml"
    path.write_text(text, newline="")
    session = open_session(str(path))
    outcome = ask(session)
    assert outcome.message == message
    assert outcome.changed
    assert not outcome.refused
    changed = [line for line in difflib.ndiff(text.splitlines(), session.text.splitlines()) if line[0] in "+-"]
    assert sorted(line[0] + line[2:] for line in changed) == sorted(expected)
    session.undo()
    assert session.text == text
    assert not session.is_modified
    assert path.read_text() == text


REFUSED: dict[str, tuple[str, Ask, str]] = {
    "no such layer": (CHAIN, lambda s: s.set("sten", "kernel_size", 3),
                      "there is no layer `sten` in the text; did you mean stem?"),
    "no such key": (CHAIN, lambda s: s.set("stem", "kernel", 3), "conv2d has no `kernel`; did you mean kernel_size?"),
    "no such type": (CHAIN, lambda s: s.add("conf2d"),
                     "there is no layer, container or block `conf2d`; did you mean conv2d or conv3d?"),
    "no such key of a new entry": (CHAIN, lambda s: s.add("conv2d", {"kernal_size": 3}),
                                   "conv2d has no `kernal_size`; did you mean kernel_size?"),
    "no value": (CHAIN, lambda s: s.set("stem", "kernel_size", "[3"),
                 "`kernel_size=[3`: this `[` is not closed; write the value"
                 " as in YAML, lists in [ ]"),
    "two places": (CHAIN, lambda s: s.add("relu", after="stem", before="pool"),
                   "an entry can be added at one place only; give one of after, before and into"),
    "into a layer": (CHAIN, lambda s: s.add("relu", into="stem"),
                     "stem is a conv2d, which has no entries; name a container or a block"),
    "not set": (CHAIN, lambda s: s.unset("stem", "stride"), "stem does not set stride"),
    "too far": (CHAIN, lambda s: s.move("stem", -1),
                "stem is entry 1 of 4 in its list and cannot be moved by -1; remove it and add it elsewhere to move"
                " it to another list"),
    "no such param": (CHAIN, lambda s: s.set_param("widht", 3), "there is no param `widht`; did you mean width?"),
    "no shape": (CHAIN, lambda s: s.set_input("big"),
                 "`big` is not a shape; write 3x227x227 (channels, height, width), or name=3x64x64,other=…"),
    "no variant": (BLOCKS, lambda s: s.set_variant("wied"), "there is no variant `wied`; did you mean wide?"),
    "no origin": (CHAIN, lambda s: s.set_origin("stem", "kernel_size", 3),
                  "kernel_size of stem reads no single name: a value of its own; set the key itself"),
    "a cell is not unset": (ROWS, lambda s: s.unset("conv.0", "kernel_size"),
                            "kernel_size of conv.0 is a column of its rows; set its cell, or remove the column"),
    "nothing to undo": (CHAIN, lambda s: s.undo(), "there is nothing to undo"),
    "nothing to redo": (CHAIN, lambda s: s.redo(), "there is nothing to redo"),
    "only what is valid": (
        CHAIN, lambda s: s.set("stem", "kernel_size", 99, only_if_valid=True),
        "kernel_size 99 does not fit the 16x16 input; floor((16 + 0 + 0 - 1 × (99 - 1) - 1) / 1) + 1 = -82; the largest"
        " that fits is 16; or pad the input: padding 42 gives 2x2"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_leaves_everything_as_it_was(case: str, tmp_path: Path) -> None:
    text, ask, message = REFUSED[case]
    path = tmp_path / "net.yaml"
    path.write_text(text)
    session = open_session(str(path))
    report = session.report
    outcome = ask(session)
    assert outcome.refused
    assert not outcome.changed
    assert str(outcome) == message
    assert session.text == text
    assert session.report is report
    assert not session.history


def test_what_does_not_build_keeps_the_last_good_figures(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(CHAIN)
    session = open_session(str(path))
    good = session.report
    outcome = session.set("stem", "kernel_size", 99)
    assert outcome.changed
    assert not is_valid(outcome)
    assert [problem.rule for problem in outcome.at_field] == ["kernel-larger-than-input"]
    assert session.report is good
    assert not session.is_current
    assert is_valid(session.set("stem", "kernel_size", 5))
    assert session.is_current


def test_an_edit_goes_where_the_variant_in_view_has_the_value(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BLOCKS)
    session = open_session(f"{path}@wide")
    assert session.report is not None
    assert session.report.row("stage.0.conv").output_shape[0] == 16
    assert session.set_param("width", 20).message == "set param width of wide to 20 (was 16)"
    assert session.report.row("stage.0.conv").output_shape[0] == 20
    assert session.set_input("3x8x8").message == "set input to [3, 8, 8] (was [3, 16, 16])"
    assert session.set_variant("big").changed
    assert session.set_input("3x64x64").message == "set variants.big.input to [3, 64, 64] (was [3, 32, 32])"
    assert session.params() == {"width": "8"}


def test_an_entry_that_is_added_says_which_rows_it_makes(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BLOCKS)
    session = open_session(str(path))
    assert session.add("tanh", into="stage").layers == ["stage.0.tanh_1", "stage.1.tanh_1", "last.tanh_1"]


def test_an_entry_of_another_file_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "units.yaml").write_text("blocks:\n  unit:\n    layers:\n      - relu: {name: act}\n")
    path = tmp_path / "net.yaml"
    path.write_text("include: ./units.yaml\ninput: [3, 4, 4]\nlayers:\n  - unit: {name: a}\n")
    session = open_session(str(path))
    outcome = session.remove("a.act")
    assert outcome.refused
    assert "units.yaml, which this file includes" in outcome.message
    assert session.places("a.act") == ["a.act"]
    assert session.rename("a", "b").changed
