"""What the screen shows of a network, and the keys that change what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")


import convcalc
from convcalc.editor import View
from convcalc.tui.actions import ACTIONS
from tests.foreign import DIGITS
from tests.tui.driving import LARGE, SMALL, on_screen

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60), (40, 12)])
async def test_the_network_and_its_totals_are_shown(lenet: str, size: tuple[int, int]) -> None:
    async with on_screen(lenet, size) as screen:
        assert "LeNet" in screen.shown()
        assert "44,426" in screen.shown()
        assert "conv1" in screen.shown()


async def test_a_network_of_another_format_is_shown() -> None:
    async with on_screen(str(DIGITS)) as screen:
        assert "Digits" in screen.shown()
        assert "1,946" in screen.shown()
        assert "blocks" in screen.names
        assert screen.session.path is None  # saving asks for a file


async def test_rows_have_the_figures_of_the_report(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        row = screen.row("conv2")
        assert [row[name] for name in ("name", "output_shape", "receptive_field", "params", "macs")] == [
            "conv2", "16x8x8", "14x14", "2,416", "154 k"
        ]  # fmt: skip
        assert screen.row("")["params"] == "44,426"


async def test_the_regimes_take_turns(lenet: str) -> None:
    async with on_screen(lenet, (200, 60)) as screen:
        seen = []
        for _ in range(5):
            row = screen.row("conv1")
            seen.append([cell for name, cell in row.items() if name.startswith("params")])
            await screen.press("r")
        three = ["156", "89,856", "2,712,960"]
        assert seen == [["156"], *([figure] for figure in three), three]
        await screen.press("R")
        assert "log scale" in screen.shown()


async def test_blocks_fold_with_keys(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.press("minus")
        assert screen.names == ["first", "second", "global_avg_pool_1", "flatten_1", "classes"]
        await screen.press("down", "right")
        assert "first.conv" in screen.names
        await screen.press("down", "left")
        assert screen.table.key == "first"
        await screen.press("left")
        assert "first.conv" not in screen.names
        await screen.press("space", "plus")
        assert "second.1.conv" in screen.names


async def test_a_click_selects_and_folds_and_sorts(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.pilot.click("#table", offset=(3, 2))  # the triangle of the first block
        await screen.pilot.pause()
        assert "first.conv" not in screen.names
        await screen.pilot.click("#table", offset=(8, 3))
        await screen.pilot.pause()
        assert screen.table.key == screen.names[1]
        heads = [head.role for head in screen.table.fitted.heads]
        width = sum(w + 2 for w in screen.table._widths[: heads.index("params")])
        await screen.pilot.click("#table", offset=(3 + width + 1, 0))
        await screen.pilot.pause()
        assert screen.names[0] == "second.1.conv"


async def test_a_double_click_opens_the_fields(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.pilot.click("#table", offset=(4, 2), times=2)
        await screen.pilot.pause()
        assert screen.main.tab == "edit"
        assert "conv1 (conv2d)" in screen.shown()


async def test_a_filter_works_while_it_is_typed_and_escape_takes_it_back(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("slash")
        await screen.type("fc")
        assert screen.names == ["fc1", "fc2"]
        await screen.press("escape")
        assert len(screen.names) == 12
        await screen.press("slash")
        await screen.type("conv*")
        await screen.press("enter")
        assert screen.names == ["conv1", "conv2"]


async def test_a_layer_is_found_by_its_name_in_folded_blocks() -> None:
    async with on_screen("resnet18") as screen:
        assert "layer3.0.conv1" not in screen.names
        await screen.press("g")
        await screen.type("layer3.0.conv1")
        await screen.press("enter")
        assert screen.table.key == "layer3.0.conv1"
        assert "layer3.0.conv1 (conv2d)" in screen.shown()


async def test_columns_are_chosen(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("c", "space", "enter")  # the first in the list is `type`
        assert "type" not in screen.row("conv1")


async def test_sorting_takes_turns(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("output")
        await screen.press("o")
        assert screen.names[0] == "fc1"
        assert screen.table.key == "fc1"
        await screen.press("o")
        assert screen.names[0] == "conv2"
        await screen.press("o")
        assert screen.names[0] == "conv1"


async def test_the_largest_rows_are_seen_after_sorting() -> None:
    async with on_screen("resnet18", SMALL) as screen:
        await screen.press("plus", "end", "o")
        assert round(screen.table.scroll_y) == 0
        assert screen.names[0] in screen.shown()
        await screen.press("end", "o")
        assert round(screen.table.scroll_y) == 0


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 40), (200, 50)])
@pytest.mark.parametrize("target", ["lenet", "resnet18"])
async def test_the_table_has_the_width_that_it_fills(target: str, size: tuple[int, int]) -> None:
    async with on_screen(target, size) as screen:
        await screen.press("down")
        table, side = screen.table, screen.app.query_one("#side")
        assert side.size.width >= 53
        left_out = {head.role for head in table._sheet.heads} - {head.role for head in table.fitted.heads}
        assert size[0] < 200 or not left_out
        assert table.size.width - table.fitted.width <= 6 or side.size.width == 53
        width = table.size.width
        await screen.go("conv1")
        await screen.press("w", "u", "w")  # the figures become longer and shorter: the screen does not jump back
        assert table.size.width >= width


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, (120, 40), (200, 50)])
@pytest.mark.parametrize("target", ["lenet", "resnet50"])
@pytest.mark.parametrize("pins", [0, 1, 3])
async def test_the_comparison_keeps_the_change(target: str, pins: int, size: tuple[int, int]) -> None:
    async with on_screen(target, size) as screen:
        await screen.go("conv1")
        await screen.press(*["p"] * pins, "w", "5")
        lines = str(screen.main.compare._text.content).splitlines()
        width = screen.main.compare.scrollable_content_region.width
        assert lines[0].split()[-3:] == ["now", "change", "%"]
        assert {"saved*", "A*", "C*"} & set(lines[0].split())
        assert max(map(len, lines[:12])) <= width
        params = next(line for line in lines if line.startswith("params"))
        assert "+" in params
        assert "%" in params
        assert any(line.startswith("fully connected  ") for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(112, 30), (120, 40), (200, 50)])
async def test_labels_do_not_run_into_values_and_origins_are_shown(blocks: str, size: tuple[int, int]) -> None:
    async with on_screen(blocks, size) as screen:
        for layer, key, origin in [
            ("first.conv", "out_channels", "params.width"),
            ("first", "out", "params.width"),
        ]:
            await screen.go(layer)
            await screen.press("3", "home")
            shown = [f"{line} " for line in screen.shown().splitlines()]
            rows = [row for row in screen.main.edit.shown if row.region.bottom < size[1] - 2]
            keys = [row.field.key for row in rows if row.field is not None]
            assert key in keys
            assert not [key for key in keys if not any(f" {key} " in line for line in shown)]
            line = next(line for line in shown if f" {key} " in line)
            assert "line " in line
            assert "…" not in line
            assert origin in screen.shown()  # above the fields, if it has no room beside them
            await screen.press("escape")


async def test_a_refusal_stays_until_the_next_action(lenet: str) -> None:
    Path(lenet).write_text(
        "input: [3, 8, 8]\nlayers:\n  - relu: {name: up3}\n  - tanh\n  - add: {from: [up3, tanh_1]}\n", encoding="utf-8"
    )
    async with on_screen(lenet, SMALL) as screen:
        await screen.go("up3")
        await screen.press("x")
        assert "up3 is used by `from` on line 5" in screen.shown()
        await screen.press("down", "down", "up")
        assert "up3 is used by `from` on line 5" in screen.shown()
        assert not screen.app._notifications
        await screen.press("5")
        assert "up3 is used" not in screen.shown()


async def test_the_derivation_is_that_of_explain(lenet: str) -> None:
    async with on_screen(lenet, (120, 60)) as screen:
        await screen.go("conv1")
        for text in ("Parameters without sharing", "89,856", "2,712,960", "read by relu_1", "reads input"):
            assert text in screen.shown()
        await screen.app.action_go("pool1")
        assert screen.table.key == "pool1"


async def test_a_block_and_the_network_show_their_sums(blocks: str) -> None:
    report = convcalc.analyse(blocks)
    async with on_screen(blocks) as screen:
        assert f"{report.totals.params_fully_connected:,}" in screen.shown()
        await screen.press("down")
        assert "first" in screen.shown()
        assert "4x16x16" in screen.shown()


async def test_arrow_keys_move_the_unit_of_the_field(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv2")
        await screen.press("2")
        assert "unit 4,4" in screen.shown()
        await screen.press("up", "left", "left")
        assert "unit 3,2" in screen.shown()
        await screen.press("shift+down", "shift+right", "shift+right")
        assert "unit 7,7" in screen.shown()
        await screen.press("home")
        assert "unit 4,4" in screen.shown()
        await screen.press("escape")
        assert screen.app.focused is screen.table


async def test_what_has_no_field_says_why() -> None:
    async with on_screen("lenet") as screen:
        await screen.go("output")
        await screen.press("2")
        assert "28x28" in screen.shown()


async def test_the_view_of_the_command_line_is_shown(lenet: str) -> None:
    async with on_screen(lenet, view=View(input="1x32x32", sharing="none")) as screen:
        assert "what if" in screen.shown()
        assert "input 1x32x32" in screen.shown()
        assert screen.session.text.count("1, 28, 28") == 1


async def test_the_help_lists_every_action(lenet: str) -> None:
    async with on_screen(lenet, (120, 70)) as screen:
        await screen.press("question_mark")
        for text in ("Next wiring", "Undo", "Export the screen", "ctrl+s"):
            assert text in screen.shown()
        await screen.press("escape")
        assert screen.app.focused is screen.table


async def test_the_palette_has_every_action(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        titles = {command.title for command in screen.app.get_system_commands(screen.app.screen)}
        assert {action.title for action in ACTIONS.values()} <= titles
        await screen.press("ctrl+p")
        await screen.type("unfold everything")
        await screen.until(lambda: "Unfold everything" in screen.shown())


async def test_the_theme_turns_light_and_dark(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("t")
        assert not screen.app.current_theme.dark
        await screen.press("t")
        assert screen.app.current_theme.dark


async def test_the_screen_follows_its_size(lenet: str) -> None:
    async with on_screen(lenet, LARGE) as screen:
        side = screen.app.query_one("#side")
        assert side.region.x > 0
        await screen.pilot.resize_terminal(*SMALL)
        await screen.pilot.pause()
        assert side.region.x == 0
        assert side.region.y > screen.table.region.y


async def test_no_color_leaves_none(lenet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_screen(lenet) as screen:
        assert screen.app.no_color


async def test_a_file_that_does_not_build_shows_its_problems(lenet: str) -> None:
    path = Path(lenet)
    path.write_text(path.read_text(encoding="utf-8").replace("kernel_size: 5", "kernel_size: 55"), encoding="utf-8")
    async with on_screen(lenet) as screen:
        assert "does not build" in screen.shown()
        assert "kernel_size 55 does not fit" in screen.shown()
        for key in ("r", "down", "1", "2", "3", "4", "5", "6", "y", "p", "space", "g", "slash"):
            await screen.press(key)


async def test_lint_marks_come_by_themselves(lenet: str) -> None:
    path = Path(lenet)
    path.write_text(path.read_text(encoding="utf-8").replace("28, 28]", "29, 29]", 1), encoding="utf-8")
    async with on_screen(lenet) as screen:
        await screen.until(lambda: bool(screen.main.findings))
        found = [name for name in screen.names if screen.table.mark_of(name).finding]
        assert found
        await screen.go(found[0])
        await screen.press("6")
        assert f"At {found[0]}" in screen.shown()
