"""The screen without a terminal: keys go in, the characters that it shows come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from textual._compositor import Compositor
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from convcalc.editor import Session, View, open_session
from convcalc.tui.app import ExploreApp
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.status import PLAIN
from convcalc.tui.table import NetworkTable

PATIENCE_SECONDS = 30.0
LARGE, SMALL = (110, 32), (80, 24)


class Screen:
    """The app under a pilot."""

    def __init__(self, app: ExploreApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self._notices: list[str] = []
        say = app.main.status.say

        def remember(message: str, style: str = PLAIN) -> None:
            self._notices += [message] if message else []
            say(message, style)

        app.main.status.say = remember  # type: ignore[method-assign]

    @property
    def session(self) -> Session:
        return self.main.session

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def table(self) -> NetworkTable:
        return self.main.table

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they asked for is done."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Put a text into the field that has the focus, as a whole."""
        assert self.app.focused is not None
        self.app.focused.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what a timer brings."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await self.pilot.pause(0.01)

    async def go(self, layer: str) -> None:
        """Select a layer."""
        await self.app.action_go(layer)
        await self.pilot.pause()
        assert self.table.key == layer

    async def fill(self, key: str, text: str) -> None:
        """Type over the value of a field of the selected row."""
        await self.press("escape", "escape", "e")
        self.main.edit.focus_field(key)
        await self.pilot.pause()
        field = self.app.focused
        assert isinstance(field, Input)
        with field.prevent(Input.Changed):
            field.clear()  # as if all of it were selected and typed over
        await self.type(text)

    def shown(self) -> str:
        """The characters on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in lines)

    def row(self, name: str) -> dict[str, str]:
        """The cells of the row that shows a layer, by the names of their columns."""
        place = [item.key for item in self.table.items].index(name)
        sheet = self.table.fitted
        return {head.role: cell.strip() for head, cell in zip(sheet.heads, sheet.rows[place], strict=True)}

    @property
    def names(self) -> list[str]:
        """The keys of the rows, without the network's."""
        return [item.key for item in self.table.items if item.key]

    @property
    def notices(self) -> list[str]:
        """The messages that the status line has shown."""
        return self._notices


_render_update = Compositor.render_update


def _whole_frames_only(compositor: Compositor, full: bool = False, **options: Any) -> Any:
    """What the compositor paints: only what a test asks for. Frames that nothing reads take half of the time."""
    if full:
        return _render_update(compositor, full, **options)
    compositor._dirty_regions.clear()
    return None


@asynccontextmanager
async def on_screen(target: str, size: tuple[int, int] = LARGE, view: View | None = None) -> AsyncIterator[Screen]:
    """The screen on a target, once it is filled. Its last frame is painted, whatever the test reads."""
    app = ExploreApp(open_session(target, view=view))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", _whole_frames_only)
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            screen = Screen(app, pilot)
            yield screen
            if app.is_running:
                screen.shown()
