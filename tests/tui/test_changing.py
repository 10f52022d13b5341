"""Editing on the screen: fields, entries, undo, pins and sweeps."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from textual.widgets import Input, OptionList

import convcalc
from convcalc.report.changes import ADDED, AFFECTED, CHANGED
from convcalc.tui.field_row import FieldInput
from tests.tui.driving import SMALL, Screen, on_screen

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def figures(screen: Screen) -> tuple[int | None, int | None]:
    report = screen.session.report
    assert report is not None
    return report.totals.params, report.totals.macs


async def test_every_keystroke_that_builds_gives_new_figures(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.fill("out_channels", "")
        await screen.press("1")
        assert screen.row("conv1")["params"] == "26"
        await screen.press("2")
        assert screen.row("conv1")["params"] == "312"
        assert "out_channels: 12" in screen.session.text
        assert figures(screen) == (
            convcalc.analyse(convcalc.loads(screen.session.text)).totals.params,
            convcalc.analyse(convcalc.loads(screen.session.text)).totals.macs,
        )
        assert len(screen.session.history) == 1  # one field, one step


async def test_what_does_not_build_is_said_at_the_field_and_keeps_the_figures(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv2")
        before = figures(screen)
        await screen.fill("kernel_size", "")
        await screen.press("1", "3")
        assert "kernel_size 13 does not fit" in screen.shown()
        row = screen.main.edit.row("kernel_size")
        assert row is not None
        assert row.has_class("-wrong")
        assert "last good figures" in screen.shown()
        assert screen.table.is_stale
        assert figures(screen) != before  # of kernel size 1, which was typed on the way
        await screen.press("backspace")
        assert not row.has_class("-wrong")
        assert not screen.table.is_stale


async def test_a_wrong_word_is_refused_at_the_field(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.fill("padding", "sam")
        assert "must be" in screen.shown()
        await screen.type("e")
        assert screen.row("conv1")["output_shape"] == "6x28x28"
        assert "must be" not in screen.shown()


async def test_an_emptied_field_is_taken_out_of_the_file(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.fill("stride", "2")
        assert "stride: 2" in screen.session.text
        await screen.press("backspace")
        assert "stride" not in screen.session.text.partition("relu")[0]
        assert screen.row("conv1")["output_shape"] == "6x24x24"


async def test_a_field_that_is_needed_cannot_be_emptied(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("e", "enter", "end", "backspace")
        assert "out_channels must be given" in screen.shown()
        assert "out_channels: 6" in screen.session.text


async def test_arrows_step_numbers_and_choices(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("e", "enter", "up", "up")
        assert "out_channels: 8" in screen.session.text
        await screen.press("down")
        assert "out_channels: 7" in screen.session.text
        screen.main.edit.focus_field("bias")
        await screen.press("up")
        assert isinstance(screen.app.focused, FieldInput)
        assert "bias: " in screen.session.text


async def test_the_arrows_beside_a_field_are_for_the_mouse(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("e")
        row = screen.main.edit.row("kernel_size")
        assert row is not None
        await screen.pilot.click(row.note, offset=(3, 0))
        await screen.pilot.pause()
        assert "kernel_size: 6" in screen.session.text


async def test_what_changed_is_marked_at_its_rows_and_totals(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv2")
        await screen.fill("out_channels", "32")
        assert screen.table.mark_of("conv2").status == CHANGED
        assert "params" in screen.table.mark_of("conv2").cells
        assert screen.table.mark_of("pool2").status == AFFECTED
        assert not screen.table.mark_of("conv1").sign
        assert "unsaved" in screen.shown()
        assert "+74.6 %" in screen.shown()  # 77,562 for 44,426


async def test_undo_and_redo_go_all_the_way(lenet: str) -> None:
    text = Path(lenet).read_text(encoding="utf-8")
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.fill("out_channels", "7")
        await screen.press("escape", "escape", "w", "down", "x")
        changed = screen.session.text
        assert len(screen.session.history) == 3
        await screen.press("u", "u", "ctrl+z")
        assert screen.session.text == text
        assert screen.row("conv1")["params"] == "156"
        await screen.press("U", "U", "ctrl+y")
        assert screen.session.text == changed
        await screen.press("U")
        assert screen.session.text == changed


async def test_sharing_is_switched(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("w")
        assert screen.row("conv1")["params"] == "89,856"
        await screen.press("w")
        assert screen.row("conv1")["params"] == "156"


@pytest.mark.parametrize(("key", "place"), [("a", 1), ("A", 0)])
async def test_a_layer_is_added(lenet: str, key: str, place: int) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press(key)
        await screen.type("conv2d out_channels=6 kernel_size=[3, 3]")
        await screen.press("enter")
        assert screen.names[place].startswith("conv2d_1")
        assert screen.table.key == screen.names[place]
        assert screen.table.mark_of(screen.table.key).status == ADDED


async def test_a_layer_that_cannot_be_added_says_why_and_can_be_mended(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("a")
        await screen.type("max_pool2d kernel_size=99")
        await screen.press("enter")
        assert "does not fit" in screen.shown()
        assert not screen.session.is_modified
        await screen.press("backspace", "backspace", "1", "enter")
        assert screen.names[1] == "max_pool2d_1"


async def test_types_are_completed(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("relu_1")
        await screen.press("a")
        await screen.type("adaptive_avg_pool2")
        await screen.press("tab")
        assert screen.app.screen.query_one(Input).value == "adaptive_avg_pool2d output_size="
        await screen.press("escape")
        assert not screen.session.is_modified


async def test_missing_keys_are_asked_for(lenet: str) -> None:
    async with on_screen(lenet, SMALL) as screen:
        await screen.go("relu_1")
        await screen.press("a")
        await screen.type("conv2")
        await screen.press("enter")
        assert screen.app.screen.query_one(Input).value == "conv2d out_channels="
        await screen.press("enter")
        assert "conv2d needs" in screen.shown()
        assert "size of the kernel" in screen.shown()
        await screen.press("8", "enter", "9", "9", "enter")
        assert "does not fit" in " ".join(screen.shown().replace("│", " ").split())
        assert not screen.session.is_modified
        await screen.press("backspace", "backspace", "3", "enter")
        assert screen.table.key == "conv2d_1"
        assert "conv2d: {out_channels: 8, kernel_size: 3}" in screen.session.text


async def test_the_params_that_a_block_needs_are_asked_for(tmp_path: Path) -> None:
    block = "unit: {params: {out: null}, layers: [conv2d: {out_channels: =out, kernel_size: 1}]}"
    text = f"input: [3, 8, 8]\nblocks:\n  {block}\n"
    Path("net.yaml").write_text(f"{text}layers: [relu]\n", encoding="utf-8")
    async with on_screen("net.yaml") as screen:
        await screen.press("a")
        await screen.type("un")
        await screen.press("enter", "enter", "7", "enter")
        assert "unit: {out: 7}" in screen.session.text


async def test_types_are_chosen_from_the_list(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("a")
        await screen.type("tan")
        await screen.press("enter")  # takes the marked one, the first
        assert screen.app.screen.query_one(Input).value == "tanh "
        assert not screen.app.screen.query_one(OptionList).display
        await screen.press("enter")
        assert screen.names[0] == "tanh_1"


async def test_entries_are_removed_and_moved(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("relu_1")
        await screen.press("J")
        assert screen.names[:3] == ["conv1", "pool1", "relu_1"]
        assert screen.table.key == "relu_1"
        await screen.press("K", "K")
        assert screen.names[0] == "relu_1"
        await screen.press("x")
        assert screen.names[:3] == ["conv1", "pool1", "conv2"]


async def test_a_rename_changes_the_references_too(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("n", "ctrl+u")
        await screen.type("first")
        await screen.press("enter")
        assert screen.table.key == "first"
        assert "conv1" not in screen.session.text
        assert "first:  {output_shape" in screen.session.text


async def test_a_name_counts_once_it_is_entered(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.fill("name", "stem")
        assert not screen.session.is_modified
        await screen.press("enter")
        assert screen.table.key == "stem"


async def test_an_entry_of_a_block_says_how_many_layers_it_makes(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.go("second.0.conv")
        await screen.press("e")
        assert "makes 3 layers" in " ".join(screen.shown().split())
        await screen.fill("kernel_size", "1")
        await screen.fill("padding", "0")
        assert "kernel_size: 1" in screen.session.text
        assert {screen.table.mark_of(name).status for name in ("first.conv", "second.1.conv")} == {CHANGED}


async def test_the_input_params_and_variant_are_fields_of_the_network(blocks: str) -> None:
    async with on_screen(blocks, (200, 60)) as screen:
        await screen.press("i")
        await screen.fill("input", "3x32x32")
        assert "input: [3, 32, 32]" in screen.session.text
        await screen.fill("width", "6")
        assert "width: 6" in screen.session.text
        assert screen.row("first.conv")["output_shape"] == "6x32x32"
        await screen.fill("variant", "wide")
        assert screen.session.variant == "wide"
        assert screen.row("first.conv")["output_shape"] == "8x32x32"


async def test_a_wrong_input_is_said_at_the_field(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("i")
        await screen.fill("input", "1x28x")
        assert "is not a shape" in screen.shown()
        assert screen.session.is_current


async def test_a_pin_is_a_column_to_compare_with(lenet: str) -> None:
    async with on_screen(lenet, (200, 60)) as screen:
        await screen.go("conv1")
        await screen.press("w", "p")
        assert "A params" in screen.shown()
        assert screen.row("conv1")["pin"] == "89,856"
        await screen.press("w", "5")
        assert "A*" in screen.shown()
        assert "-89,700" in screen.shown()
        assert screen.table.mark_of("conv1").status == CHANGED
        await screen.press("b")
        assert "saved*" in screen.shown()
        assert not screen.table.mark_of("conv1").sign
        await screen.press("P")
        assert not screen.session.pins
        assert "A params" not in screen.shown()


async def test_a_parameter_is_varied_and_a_value_taken(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("4")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) == 6)
        assert [point.value for point in view.points] == [1, 3, 5, 7, 9, 11]
        assert f"{view.points[3].params:,}" in screen.shown()
        await screen.press("down", "enter")  # from 5, which the layer has
        assert "kernel_size: 7" in screen.session.text
        await screen.press("right")
        assert "‹out_channels›" in screen.shown()


async def test_values_that_do_not_build_say_so_in_the_sweep(lenet: str) -> None:
    async with on_screen(lenet, SMALL) as screen:
        await screen.go("conv2")
        await screen.fill("stride", "1")
        await screen.press("escape", "4")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) == 4)
        assert view.key == "stride"


async def test_a_sweep_of_copies_says_which_it_varies(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.go("second.1.conv")
        await screen.press("4")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) == 6)
        assert "second.1.conv (3 layers)" in screen.shown()
        present = next(point for point in view.points if point.value == 3)
        assert f"params {present.params:,}" in screen.shown()
        await screen.press("right")
        await screen.until(lambda: len(view.points) > 2)
        assert "second.1.conv (in place of =out, in 3 layers)" in screen.shown()
        assert not any(point.problem for point in view.points)
        place = next(number for number, point in enumerate(view.points) if point.value == 16)
        await screen.press(*["down"] * (place - [point.value for point in view.points].index(8)))
        swept = view.points[place].params
        await screen.press("enter")  # the figures of the row are those of the edit
        assert "out_channels: 16" in screen.session.text
        assert screen.session.report is not None
        assert screen.session.report.totals.params == swept


async def test_sizes_are_kept_by_a_switch(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("4", "z")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) == 6)
        assert [point.output for point in view.points] == [None, None, *[(6, 24, 24)] * 4]
        await screen.press("down", "enter")
        assert "kernel_size: 7, padding: 1" in screen.session.text
        await screen.press("escape", "u", "z")
        assert not screen.session.is_modified
        assert not screen.session.keep_size
        await screen.press("4")
        assert "(off)" in screen.shown()
        await screen.press("z")
        assert "(on)" in screen.shown()


async def test_the_keys_of_a_block_are_varied(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.go("second")
        await screen.press("4")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) == 5)
        assert view.keys == ["out", "repeat"]
        assert view.points[view._cursor].value == 8
        assert "second (2 layers) ‹out› repeat" in screen.shown()
        await screen.press("right")
        await screen.until(lambda: len(view.points) == 6)
        assert view.points[view._cursor].value == 2
        await screen.press("down", "enter")
        assert "repeat: 3" in screen.session.text


async def test_a_param_that_is_not_whole_is_varied(blocks: str) -> None:
    text = Path(blocks).read_text(encoding="utf-8")
    Path(blocks).write_text(text.replace("width: 4", "width: 4, factor: 1.0"), encoding="utf-8")
    async with on_screen(blocks) as screen:
        screen.table.select(0)
        await screen.press("4")
        view = screen.main.sweep
        await screen.until(lambda: bool(view.keys))
        view.show(screen.session, "", "params.factor")
        await screen.until(lambda: len(view.points) == 5)
        assert [point.value for point in view.points] == [0.5, 0.75, 1.0, 1.25, 1.5]


async def test_the_params_and_the_input_of_the_network_are_varied(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        screen.table.select(0)
        await screen.press("4")
        view = screen.main.sweep
        await screen.until(lambda: len(view.points) > 3)
        assert view.keys[-1] == "input"
        assert [point.network_output for point in view.points] == [(10,)] * len(view.points)
        assert not any(point.problem for point in view.points)
        await screen.press("left")
        await screen.until(lambda: len(view.points) == 5)
        await screen.press("down", "enter")
        assert screen.session.is_modified
        assert screen.session.is_current


async def test_edits_that_cannot_be_are_refused_in_words(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.press("x", "n", "J", "w", "u")
        assert not screen.session.is_modified
        assert any("select a layer" in notice for notice in screen.notices)
        await screen.go("global_avg_pool_1")
        await screen.press("w")
        assert not screen.session.is_modified
