"""No key edits the network before a field is entered, and what is typed into one can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from textual.widgets import Input

from convcalc.tui.actions import ACTIONS
from convcalc.tui.field_row import FieldInput
from tests.tui.driving import SMALL, Screen, on_screen

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LOOKING = [*"1234567890rRobpPietjk", "plus", "minus", "space", "up", "down", "left", "right"]


async def enter(screen: Screen, layer: str, key: str) -> FieldInput:
    """Enter a field of a layer by keys alone."""
    await screen.go(layer)
    await screen.press("e", "home")
    while screen.main.edit.key != key:
        await screen.press("down")
    await screen.press("enter")
    field = screen.app.focused
    assert isinstance(field, FieldInput)
    return field


@pytest.mark.parametrize("opener", ["3", "e", "i", "enter"])
async def test_showing_the_fields_enters_none(lenet: str, opener: str) -> None:
    text = Path(lenet).read_text(encoding="utf-8")
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press(opener)
        assert screen.main.edit.has_focus
        for key in LOOKING:
            await screen.press("escape", opener, key)
            assert not isinstance(screen.app.focused, Input), key
        assert screen.session.text == text
        assert not screen.session.history


@pytest.mark.parametrize("way", ["enter", "tab"])
async def test_a_field_is_entered_on_purpose_and_left_by_escape(lenet: str, way: str) -> None:
    async with on_screen(lenet, SMALL) as screen:
        await screen.go("conv1")
        await screen.press("3", way)
        assert "typing into out_channels: escape leaves, ctrl+z takes the last edit back" in screen.shown()
        await screen.press("8")
        assert "out_channels: 8" in screen.session.text
        await screen.press("escape", "6")
        assert screen.main.tab == "problems"
        assert screen.app.focused is screen.table
        assert "out_channels: 8" in screen.session.text


async def test_tab_goes_round_the_fields_and_enter_takes_a_value(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await enter(screen, "conv1", "out_channels")
        await screen.press("tab")
        assert screen.main.edit.key == "kernel_size"
        await screen.press("shift+tab", "shift+tab")
        assert screen.main.edit.key == "tied"  # the last
        await screen.press("tab", "enter")
        assert screen.main.edit.has_focus
        await screen.press("escape")
        assert screen.table.has_focus


async def test_a_digit_that_breaks_the_network_is_said_and_undone_by_one_key(lenet: str) -> None:
    async with on_screen(lenet, SMALL) as screen:
        await enter(screen, "conv1", "kernel_size")
        await screen.press("up", "up", "6")
        assert "does not build now: ctrl+z takes the last edit back" in screen.shown()
        assert "kernel_size 76 does not fit" in screen.shown()
        await screen.press("ctrl+z")
        assert "kernel_size: 7}" in screen.session.text
        assert screen.session.is_current
        assert "undid: set conv1.kernel_size to 76" in screen.shown()
        await screen.press("ctrl+z")
        assert not screen.session.is_modified


async def test_what_was_refused_is_taken_back_before_the_edits(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        field = await enter(screen, "conv1", "padding")
        await screen.press("2", "ctrl+a")
        await screen.type("[3")
        assert "padding: 2" in screen.session.text
        await screen.press("ctrl+z")
        assert field.value == "2"
        assert "padding: 2" in screen.session.text
        await screen.press("ctrl+z")
        assert not screen.session.is_modified


@pytest.mark.parametrize("letter", ["w", "x", "g", "q", "u"])
async def test_letters_are_kept_out_of_whole_numbers(lenet: str, letter: str) -> None:
    async with on_screen(lenet) as screen:
        field = await enter(screen, "conv1", "kernel_size")
        await screen.press(letter)
        assert field.value == "5"
        assert f"{letter} is not typed into a number: escape leaves the field" in screen.shown()
        await screen.press("7", letter)
        assert field.value == "7"
        assert len(screen.session.history) == 1


@pytest.mark.parametrize(("key", "typed"), [("padding", "same"), ("kernel_size", "=2*2+1"), ("kernel_size", "[3, 5]")])
async def test_words_and_expressions_are_typed(lenet: str, key: str, typed: str) -> None:
    async with on_screen(lenet) as screen:
        field = await enter(screen, "conv1", key)
        names = {" ": "space", "=": "equals_sign", "*": "asterisk", "+": "plus", "[": "left_square_bracket",
                 "]": "right_square_bracket", ",": "comma"}  # fmt: skip
        await screen.press(*(names.get(letter, letter) for letter in typed))
        assert field.value == typed
        assert screen.session.is_current


async def test_the_footer_lists_no_key_that_is_typed(lenet: str) -> None:
    async with on_screen(lenet, SMALL) as screen:
        await screen.press("down")
        footer = screen.shown().splitlines()[-1]
        assert "/ Filter" in footer
        await enter(screen, "conv1", "kernel_size")
        footer = screen.shown().splitlines()[-1]
        assert "/ Filter" not in footer
        assert "esc Leave the field" in footer
        assert "^z Undo" in footer


async def test_the_hint_above_the_fields_is_that_of_the_marked_one(blocks: str) -> None:
    async with on_screen(blocks) as screen:
        await screen.press("i", "enter", "escape", "escape")
        for layer in ("first.conv", "global_avg_pool_1", "classes", "second.0.conv"):
            await screen.go(layer)
            assert "channels, height, width" not in screen.shown()
            await screen.press("3", "home")
            for row in screen.main.edit.shown:
                assert row.field is not None
                assert screen.main.edit.key == row.field.key
                assert row.field.help[:40] in screen.shown()
                await screen.press("enter", "escape", "down")
            await screen.press("escape")


@pytest.mark.parametrize("leaving", [["escape"], ["enter", "escape", "escape"]])
async def test_escape_leads_from_the_network_back_to_the_layer(lenet: str, leaving: list[str]) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv2")
        await screen.press("i")
        assert screen.table.key == ""
        await screen.press(*leaving)
        assert screen.table.key == "conv2"
        assert screen.app.focused is screen.table
        await screen.press("escape")
        assert screen.table.key == "conv2"


async def test_every_shortcut_works_from_the_form(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        performed: list[str] = []

        async def perform(name: str) -> None:
            performed.append(name)

        screen.app.action_perform = perform  # type: ignore[method-assign]
        await screen.go("conv1")
        screen.main.edit.focus()
        names = [name for name, action in ACTIONS.items() if action.keys != "enter,e"]
        for name in names:
            await screen.press(ACTIONS[name].keys.split(",")[0])
        assert performed == names
