"""The app: files, recovery and the way out, on top of everything else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterable
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from convcalc.editor import Outcome
from convcalc.errors import UsageError
from convcalc.tui.changing import Changing
from convcalc.tui.commands import COMMANDS
from convcalc.tui.dialogs import Ask, Choose

SAVE, LEAVE, OVERWRITE, TAKE, DROP = "save", "leave", "overwrite", "take", "drop"
# Sent when the terminal is closed, or the machine goes down, or from outside; Windows has no SIGHUP.
ENDS = [name for name in ("SIGHUP", "SIGTERM", "SIGINT") if hasattr(signal, name)]


class ExploreApp(Changing):
    """The interactive screen over a session."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "to_table", "Back to the table", show=False),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ENDS:
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(getattr(signal, name), self.end, getattr(signal, name))
        self.offer_recovery()

    def end(self, number: int) -> None:
        """The terminal goes: keep what is not saved."""
        self.session.checkpoint(force=True)
        self.exit(return_code=128 + number)  # as a shell tells of a signal

    # -- recovery ------------------------------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Ask what to do with unsaved changes of an earlier run."""
        found = self.session.recoverable()
        if found is None:
            return

        async def answer(choice: str | None) -> None:
            if choice == TAKE:
                await self.done(self.session.recover())
            elif choice == DROP:
                self.session.discard_recovery()

        when = time.strftime("%A %d %B, %H:%M", time.localtime(found.time))
        text = f"A copy of {self.session.label} that was never saved lies here, of {when}."
        self.push_screen(
            Choose("Unsaved changes were kept", text, [(TAKE, "Take them over"), (DROP, "Throw them away")]),
            answer,
        )

    # -- saving --------------------------------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Write the file; what has none is asked for a name."""
        if self.session.path is None:
            self.action_save_as()
        else:
            await self._save(None)

    def action_save_as(self) -> None:
        async def take(path: str | None) -> None:
            if path and path.strip():
                await self._save(path.strip())

        session = self.session
        name = session.path or f"{os.path.basename(session.label).partition('@')[0].removesuffix('.yaml')}.yaml"
        help = (
            "a shipped spec is copied, never written"
            if session.path is None
            else "the text goes to this file from then on"
        )
        self.push_screen(Ask("Save as", value=name, help=help), take)

    async def _save(self, path: str | None, *, overwrite: bool = False, leave: bool = False) -> None:
        try:
            outcome = self.session.save(path, overwrite=overwrite)
        except UsageError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        is_in_the_way = bool(self.session.changed_on_disk()) if path is None else os.path.exists(path)
        if outcome.refused and is_in_the_way and not overwrite:
            self._ask_overwrite(path, outcome, leave)
            return
        await self.done(outcome)
        if leave and not outcome.refused:
            self._leave()

    def _ask_overwrite(self, path: str | None, outcome: Outcome, leave: bool) -> None:
        async def answer(choice: str | None) -> None:
            if choice == OVERWRITE:
                await self._save(path, overwrite=True, leave=leave)

        self.push_screen(
            Choose(
                "Overwrite the file?", str(outcome), [("keep", "Keep the file as it is"), (OVERWRITE, "Overwrite it")]
            ),
            answer,
        )

    # -- copies --------------------------------------------------------------------------------------------------------

    def action_copy_row(self) -> None:
        """The selected row as Markdown, to the clipboard of the terminal."""
        self._copy(self.table.key or None)

    def action_copy_table(self) -> None:
        self._copy(None)

    def _copy(self, layer: str | None) -> None:
        try:
            text = self.session.markdown(layer, ["name", *(column.name for column in self.outline.figures())])
        except UsageError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.copy_to_clipboard(text)
        self.notify(f"{layer or 'the table'} was copied as Markdown", timeout=2, markup=False)

    def action_export(self) -> None:
        """Write the screen as it is into an SVG file."""

        def take(path: str | None) -> None:
            if path:
                try:
                    folder, name = os.path.split(path.strip())
                    self.notify(f"the screen is in {self.save_screenshot(name, folder or '.')}", markup=False)
                except OSError as error:
                    self.notify(f"{path} cannot be written: {error.strerror}", severity="error", markup=False)

        def later(path: str | None) -> None:
            self.call_later(take, path)  # a picture shows what lies under the question: it is made once that is gone

        self.push_screen(Ask("Export the screen as", value="convcalc.svg"), later)

    # -- the way out ---------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Leave; ask first where something is not saved."""
        if not self.session.is_modified:
            self._leave()
            return
        if isinstance(self.screen, Choose):
            return  # it is asked already

        async def answer(choice: str | None) -> None:
            if choice == LEAVE:
                self._leave()
            elif choice == SAVE and self.session.path is not None:
                await self._save(None, leave=True)
            elif choice == SAVE:
                self.action_save_as()

        answers = [(SAVE, "Save"), (LEAVE, "Leave without saving"), ("stay", "Stay")]
        self.push_screen(
            Choose("There are unsaved changes", f"{self.session.label} differs from what was saved", answers), answer
        )

    def _leave(self) -> None:
        self.session.close()
        self.exit()

    # -- palette -------------------------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by its name."""
        for command in COMMANDS:
            action = f"app.{command.action}"
            yield SystemCommand(command.title, command.help, lambda action=action: self.run_action(action))
        yield SystemCommand("Themes", "choose one of all themes", self.action_change_theme)
