"""The app of `convcalc explore`: it runs the actions on the main screen, and handles signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from convcalc.editor import Session
from convcalc.tui import file_actions, text_actions
from convcalc.tui.actions import ACTIONS
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.network_view import WIDE_COLUMNS

# The signals of a closed terminal, a shutdown, or another process that ends this one; Windows has no SIGHUP.
ENDING_SIGNALS = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM", "SIGINT") if hasattr(signal, name)]
WATCH_SECONDS = 1.0  # between two looks at the file


class ExploreApp(App[None]):
    """The app with the interactive screen of a session."""

    CSS_PATH = "explore.tcss"
    TITLE = "convcalc"
    # Without ClassVar, as Textual declares it.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_COLUMNS, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(action.binding(name) for name, action in ACTIONS.items()),
        Binding("escape", "to_table", "Back to the table", show=False),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.main = MainScreen(session)

    def get_default_screen(self) -> MainScreen:
        return self.main

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self.end, number)
        self.main.set_interval(WATCH_SECONDS, partial(text_actions.watch, self.main))
        file_actions.offer_recovery(self.main)

    def end(self, number: int) -> None:
        """Write a recovery copy of unsaved changes, and end with the exit code of the signal."""
        self.main.session.checkpoint(force=True)
        self.exit(return_code=128 + number)

    async def action_perform(self, name: str) -> None:
        """Perform an action by its name."""
        if self.is_running:  # a key may arrive while the app closes
            self.main.say("")
            await ACTIONS[name].perform(self.main)

    async def action_go(self, name: str) -> None:
        """Select a layer: a link of the derivation calls this."""
        await self.main.go(name)

    async def action_to_table(self) -> None:
        await self.main.leave_to_list()

    async def action_quit(self) -> None:
        await file_actions.quit(self.main)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by its title, for the palette."""
        for name, action in ACTIONS.items():
            yield SystemCommand(action.title, action.help, lambda name=name: self.action_perform(name))
        yield SystemCommand("Themes", "choose one of all themes", self.action_change_theme)
