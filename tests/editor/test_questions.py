"""What a session tells: places, fields, differences, pins, findings, sweeps, derivations, tables."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.editor import View, open_session
from convcalc.editor.tables import markdown_table
from convcalc.errors import SpecError, UsageError
from tests.editor.conftest import Opener
from tests.editor.test_edits import BLOCKS, CHAIN, ROWS


def test_places_are_the_rows_of_the_same_entry(session_on: Opener) -> None:
    session = session_on(BLOCKS)
    assert session.places("stage.0.conv") == ["stage.0.conv", "stage.1.conv", "last.conv"]
    assert session.places("stage") == ["stage.0", "stage.1"]
    assert session.places("last") == ["last"]
    assert session.entry("stage.1").path == ("layers", 0)
    with pytest.raises(UsageError, match="there is no layer `stages`"):
        session.places("stages")


def test_fields_say_what_can_be_set(session_on: Opener) -> None:
    session = session_on(CHAIN)
    fields = {field.key: field for field in session.fields("stem")}
    assert list(fields)[:3] == ["out_channels", "kernel_size", "stride"]
    assert (fields["out_channels"].written, fields["out_channels"].value) == ("=width", 8)
    assert fields["out_channels"].required
    assert fields["out_channels"].origin == "params.width, line 2"
    assert (fields["stride"].written, fields["stride"].value, fields["stride"].default) == (None, (1, 1), 1)
    assert fields["bias"].choices == ["true", "false", "per_channel", "per_position"]
    assert fields["sharing"].choices == ["full", "none"]
    assert fields["name"].written == "stem"
    assert all(field.help for field in fields.values())


def test_fields_of_blocks_and_of_rows(session_on: Opener) -> None:
    fields = {field.key: field for field in session_on(BLOCKS).fields("last")}
    assert (fields["out"].written, fields["out"].required) == ("5", True)
    assert (fields["kernel"].written, fields["kernel"].default) == ("1", "3")
    fields = {field.key: field for field in session_on(ROWS).fields("conv.1")}
    assert (fields["kernel_size"].written, fields["kernel_size"].value) == ("5", (5, 5))
    assert fields["kernel_size"].origin == "layers.0.conv2d.rows.2.1, line 10"


def test_a_difference_is_from_the_file_or_from_a_pin(session_on: Opener) -> None:
    session = session_on(CHAIN)
    session.set("stem", "kernel_size", 5)
    pin = session.pin()
    assert pin.name == "A"
    session.set("stem", "kernel_size", 3)
    session.set_param("width", 4)
    whole, part = session.difference(), session.difference("A")
    assert whole is not None
    assert part is not None
    assert [layer.row.name for layer in whole.of("changed")] == ["stem"]
    assert set(whole.of("changed")[0].config) == {"out_channels"}
    assert set(part.of("changed")[0].config) == {"out_channels", "kernel_size"}
    assert session.pin().name == "B"
    session.unpin("A")
    with pytest.raises(UsageError, match="there is no pin `A`"):
        session.difference("A")
    session.set("stem", "kernel_size", 99)
    with pytest.raises(UsageError, match="does not build"):
        session.pin()


def test_a_view_changes_the_figures_and_not_the_text(session_on: Opener) -> None:
    path = str(session_on(CHAIN).path)
    session = open_session(path, view=View(input="3x32x32", params={"width": "4"}, sharing="none"))
    assert session.report is not None
    expected = convcalc.analyse(path, input="3x32x32", params={"width": 4}, sharing="none").totals.to_dict()
    assert session.report.totals.to_dict() == expected
    assert session.text == CHAIN
    assert not session.history
    with pytest.raises(UsageError, match="there is no param `widht`"):
        open_session(path, view=View(params={"widht": 4}))
    with pytest.raises(UsageError):
        open_session(path, view=View(sharing="some"))


def test_a_session_does_not_start_with_a_view_or_variant_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="there is no param `widht`"):
        open_session("lenet", view=View(params={"widht": 4}))
    with pytest.raises(SpecError, match="there is no variant `wide`"):
        open_session("lenet@wide")
    with pytest.raises(UsageError, match="lenet"):
        open_session("lennet")
    with pytest.raises(SpecError, match="no such file"):
        open_session("nowhere.yaml")


def test_a_variant_in_view(session_on: Opener) -> None:
    session = session_on(BLOCKS)
    assert session.variants == ["wide", "big"]
    session.set_variant("wide")
    assert session.report is not None
    assert session.report.variant == "wide"
    assert session.params() == {"width": "16"}
    assert session.baseline is not None
    assert session.baseline.variant == "wide"


def test_findings_stand_with_their_rows(session_on: Opener) -> None:
    session = session_on(
        "input: [3, 16, 16]\nparams: {unused: 1}\nblocks:\n  unit:\n    layers:\n"
        "      - conv2d: {name: conv, out_channels: 4, kernel_size: 3, padding: 1}\n      - batch_norm2d\n"
        "layers:\n  - unit: {name: a, repeat: 2}\n"
    )
    findings = session.findings()
    assert {name: [problem.rule for problem in found] for name, found in findings.rows.items()} == {
        "a.0.conv": ["bias-before-norm"], "a.1.conv": ["bias-before-norm"],
    }  # fmt: skip
    assert [problem.rule for problem in findings.general] == ["unused-param"]
    assert session.findings() is findings


def test_a_sweep_tries_values_and_leaves_the_text(session_on: Opener) -> None:
    session = session_on(CHAIN)
    points = list(session.sweep("stem", "kernel_size", ["1", 3, 99]))
    assert [(point.value, point.output, point.network_output) for point in points] == [
        (1, (8, 16, 16), (8, 8, 4)), (3, (8, 14, 14), (8, 7, 4)), (99, None, None),
    ]  # fmt: skip
    for point in points[:2]:
        report = convcalc.analyse(convcalc.loads(CHAIN.replace("kernel_size: 3", f"kernel_size: {point.value}")))
        assert (point.params, point.macs) == (report.totals.params, report.totals.macs)
        assert point.field == report.totals.receptive_field
    assert points[2].problem.startswith("kernel_size 99 does not fit")
    assert session.text == CHAIN
    assert [point.value for point in session.sweep("stem", "out_channels")] == [2, 4, 8, 16, 32]
    assert [point.value for point in session.sweep("stem", "bias")] == [True, False]
    assert [point.value for point in session.sweep("pool", "stride")] == [1, 2, 3, 4]
    with pytest.raises(UsageError, match="list them"):
        session.sweep("stem", "connection_table")
    with pytest.raises(UsageError, match="conv2d has no"):
        session.sweep("stem", "kernel")


def test_the_table_as_markdown() -> None:
    report = convcalc.analyse("lenet")
    row = markdown_table(report, "conv1", ["name", "params"])
    assert row.splitlines() == ["| name | params |", "| --- | --: |", "| conv1 | 156 |"]
    assert "| fc1 | linear |" in markdown_table(report, None, None)
    with pytest.raises(UsageError, match="no layer"):
        markdown_table(report, "conv9", None)


def test_a_problem_of_a_shipped_spec_names_the_spec() -> None:
    """It has no path of the installation, which says nothing to the user."""
    session = open_session("lenet")
    session.set("conv1", "kernel_size", 99)
    assert {problem.where.file for problem in session.problems} == {"lenet"}
    session.undo()
    session.add("relu", after="relu_1")
    found = session.findings()
    assert {problem.where.file for problem in found.problems} == {"lenet"}


def test_the_lines_of_entries_are_known_without_figures(session_on: Opener) -> None:
    conv = "conv2d: {name: a, out_channels: 8, kernel_size: 99}"
    session = session_on(f"input: [3, 8, 8]\nlayers:\n  - {conv}\n  - relu: {{x: 1}}\n  - tanh\n")
    assert session.report is None
    assert session.entry_lines() == {3: "a", 4: "relu_1", 5: "tanh_1"}
    assert (session.line(), session.line("tanh_1")) == (3, 5)
    assert session_on(BLOCKS).line() == 1
    assert session_on("layers: [").entry_lines() == {}


def test_the_keys_that_a_type_needs_are_known(session_on: Opener) -> None:
    session = session_on(
        "input: [3, 8, 8]\nblocks:\n  unit: {params: {out: null, size: 3}, layers: [relu]}\nlayers: [relu]\n"
    )
    assert session.blocks == ["unit"]
    assert list(session.required("unit")) == ["out"]
    assert list(session.required("conv2d")) == ["out_channels", "kernel_size"]
    assert session.required("relu") == session.required("no_such_type") == {}


def test_fields_of_whole_numbers_say_so(session_on: Opener) -> None:
    fields = {field.key: field.is_number for field in session_on(CHAIN).fields("stem")}
    assert {key for key, is_number in fields.items() if is_number} >= {"out_channels", "kernel_size", "stride"}
    assert not fields["padding"]  # it may be `same`
    assert not fields["bias"]
    assert not fields["name"]
