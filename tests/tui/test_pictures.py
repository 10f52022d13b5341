"""The main states of the screen as pictures, in two sizes and both themes.

A golden has the characters once, then the colours of each theme.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from textual.widgets import Input

from convcalc.tui import main_screen
from convcalc.tui.view_actions import DARK, LIGHT
from tests.golden import assert_golden
from tests.tui.driving import Screen, on_screen
from tests.tui.pictures import colours, lines

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

GOLDENS = Path(__file__).parent / "goldens"
SIZES = [(80, 24), (120, 40)]


async def start(screen: Screen) -> None:
    await screen.press("down")


async def side_by_side(screen: Screen) -> None:
    await screen.press("r", "r", "r", "r")
    await screen.go("conv2")
    await screen.press("2")


async def edited(screen: Screen) -> None:
    await screen.go("conv1")
    await screen.fill("kernel_size", "7")
    await screen.fill("stride", "99")


async def swept(screen: Screen) -> None:
    await screen.go("conv1")
    await screen.press("w", "p", "4")
    await screen.until(lambda: len(screen.main.sweep.points) == 6)
    screen.main.start_lint()
    await screen.until(lambda: screen.main.findings is not None)


async def asked(screen: Screen) -> None:
    await screen.go("relu_2")
    await screen.press("a")
    await screen.type("batch")


STATES: dict[str, Callable[[Screen], Awaitable[None]]] = {
    each.__name__: each for each in (start, side_by_side, edited, swept, asked)
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_the_screen_looks_as_it_did(
    lenet: str, state: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_screen, "LINT_SECONDS", 3600.0)  # a picture must not depend on when the rules have run
    async with on_screen(lenet, size) as screen:
        screen.app.clear_notifications()
        await STATES[state](screen)
        for field in screen.app.screen.query(Input):
            field.cursor_blink = False
        shown: list[str] = []
        for theme in (DARK, LIGHT):
            screen.app.theme = theme
            screen.app.clear_notifications()
            await screen.pilot.pause(0.1)
            svg = screen.app.export_screenshot()
            shown += [*([] if shown else lines(svg)), f"== {theme}", *colours(svg)]
    assert_golden(GOLDENS / f"{state}-{size[0]}x{size[1]}.txt", "\n".join(shown) + "\n")
