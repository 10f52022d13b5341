"""Actions that change the network; the session makes each edit, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable

from textual import on

from convcalc.editor import Outcome
from convcalc.errors import UsageError
from convcalc.tui.adding import completed, read, suggestions
from convcalc.tui.dialogs import Ask
from convcalc.tui.looking import Looking
from convcalc.tui.outline import ROOT
from convcalc.tui.sweep import SweepView

NOTHING = "select a layer first"


class Changing(Looking):
    """Editing, undo, pins and sweeps."""

    async def action_edit(self) -> None:
        await self.action_tab("edit")

    async def action_input(self) -> None:
        """The fields of the network as a whole."""
        self.table.select(0)
        await self.action_tab("edit")

    def action_add(self, after: bool) -> None:
        """Ask for a layer, and put it after or before the selected one."""
        key = self.table.key
        added: list[Outcome] = []

        def check(text: str) -> str:
            try:
                type_name, keys = read(text)
            except UsageError as error:
                return str(error)
            place = {"into": ""} if key == ROOT else {"after": key} if after else {"before": key}
            outcome = self.session.add(type_name, keys, **place, only_if_valid=self.session.is_current)
            if outcome.refused:
                return str(outcome.problems[0] if outcome.problems else outcome)
            added.append(outcome)
            return ""

        async def show(text: str | None) -> None:
            if added:
                await self.done(added[0], next(iter(added[0].layers), None))

        where = "first" if key == ROOT else f"{'after' if after else 'before'} {key}"
        help = "a type and its parameters: conv2d out_channels=16 kernel_size=3; tab completes the type"
        self.push_screen(
            Ask(f"Add a layer {where}", help=help, check=check, options=suggestions, completed=completed), show
        )

    async def action_remove(self) -> None:
        key = self._entry()
        if key:
            await self.done(self.session.remove(key))

    async def action_shift(self, by: int) -> None:
        key = self._entry()
        if key:
            outcome = self.session.move(key, by)
            await self.done(outcome, next(iter(outcome.layers), key))

    def action_rename(self) -> None:
        """Ask for another name of the entry."""
        key = self._entry()
        if not key:
            return
        renamed: list[Outcome] = []

        def check(name: str) -> str:
            outcome = self.session.rename(key, name.strip(), only_if_valid=self.session.is_current)
            if outcome.refused:
                return str(outcome.problems[0] if outcome.problems else outcome)
            renamed.append(outcome)
            return ""

        async def show(name: str | None) -> None:
            if renamed:
                await self.done(renamed[0], next(iter(renamed[0].layers), None))

        help = "every reference to it in the file changes with it"
        self.push_screen(Ask(f"Rename {key}", value=key.rpartition(".")[2], help=help, check=check), show)

    async def action_sharing(self) -> None:
        """Give the layer a set of weights for every position, or one for all."""
        key = self._entry()
        if not key:
            return
        row = self.selected.rows[0] if self.selected is not None else None
        is_shared = row is not None and row.config.get("sharing") == "full"
        await self.done(self.session.set_sharing(key, "none" if is_shared else "full"))

    async def action_undo(self) -> None:
        await self._step(self.session.undo)

    async def action_redo(self) -> None:
        await self._step(self.session.redo)

    async def _step(self, step: Callable[[], Outcome]) -> None:
        outcome = step()
        await self.done(outcome, next(iter(outcome.layers), None))

    def _entry(self) -> str:
        """The selected entry, told about where there is none."""
        key = self.table.key
        if not key:
            self.notify(NOTHING, severity="warning")
        return key

    # -- pins and sweeps -----------------------------------------------------------------------------------------------

    async def action_pin(self) -> None:
        """Keep the present state as a column, and compare with it from here on."""
        try:
            pin = self.session.pin()
        except UsageError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.against = pin.name
        self.notify(f"pinned as {pin.name}; what you change is compared with it", timeout=2)
        await self.refresh_all()

    async def action_unpin(self) -> None:
        name = self.against or next(reversed(self.session.pins), "")
        if name:
            self.session.unpin(name)
            self.against = "" if self.against == name else self.against
            await self.refresh_all()

    async def action_against(self) -> None:
        """Compare with the next of the saved file and the pins."""
        names = ["", *self.session.pins]
        place = names.index(self.against) if self.against in names else 0
        self.against = names[(place + 1) % len(names)]
        await self.refresh_all()

    @on(SweepView.Taken)
    async def value_taken(self, event: SweepView.Taken) -> None:
        await self.done(self.session.set(event.layer, event.key, event.value))
