"""Actions that change what is shown, and nothing of the network."""

from __future__ import annotations

from convcalc.report.columns import COLUMNS
from convcalc.tui.base import Base
from convcalc.tui.dialogs import Ask, ChooseMany, Help
from convcalc.tui.outline import REGIMES
from convcalc.tui.why import WhyView

LIGHT, DARK = "textual-light", "textual-dark"
SORTS = (None, "params", "macs")


class Looking(Base):
    """Folding, filtering, columns, regimes, themes."""

    def action_regime(self, by: int) -> None:
        """The next way of wiring every layer."""
        names = list(REGIMES)
        self.outline.regime = names[(names.index(self.outline.regime) + by) % len(names)]
        self.refresh_table()
        self.notify(f"parameters {self.outline.regime}", timeout=1.5)

    def action_fold(self) -> None:
        item = self.selected
        if item is not None and item.is_block and item.key:
            self.outline.toggle(item.key)
            self.refresh_table(item.key)

    def action_fold_all(self, unfold: bool) -> None:
        key = self.table.key
        self.outline.fold_all(unfold)
        self.refresh_table(key if unfold else key.partition(".")[0])

    def action_filter(self) -> None:
        """Show the rows that match; they change while the text is typed."""
        before = self.outline.pattern

        def show(pattern: str | None) -> None:
            self.outline.pattern = before if pattern is None else pattern
            self.refresh_table()

        self.push_screen(
            Ask("Filter rows", value=before, help="part of a name or type, or a pattern such as conv*; empty shows all",
                live=show), show,
        )  # fmt: skip

    def action_jump(self) -> None:
        """Go to a layer by its name."""
        report = self.session.report
        if report is None:
            return
        names = [row.name for row in report.rows]

        async def go(name: str | None) -> None:
            if name is not None:
                await self.action_go(name)

        def like(text: str) -> list[str]:
            return [name for name in names if text.lower() in name.lower()]

        self.push_screen(
            Ask("Go to a layer", help="enter goes to the one that is marked", options=like, takes_option=True,
                check=lambda name: "" if name in names else f"there is no layer {name}"), go,
        )  # fmt: skip

    async def action_go(self, name: str) -> None:
        """Select a layer, whatever blocks it lies in."""
        self.outline.reveal(name)
        self.refresh_table(name)
        await self.refresh_side()

    def action_columns(self) -> None:
        def take(names: list[str] | None) -> None:
            if names is not None:
                self.outline.columns = tuple(names)
                self.refresh_table()

        answers = [(name, f"{column.header}: {column.help}") for name, column in COLUMNS.items() if name != "name"]
        self.push_screen(ChooseMany("Columns", answers, self.outline.columns), take)

    def action_sort(self) -> None:
        """By params, by macs, as the network runs."""
        sort = self.outline.sort if self.outline.sort in SORTS else None
        self.outline.sort = SORTS[(SORTS.index(sort) + 1) % len(SORTS)]
        self.refresh_table()

    def action_theme(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK
        self.query_one(WhyView).refresh()

    def action_help(self) -> None:
        self.push_screen(Help())

    def action_to_table(self) -> None:
        """To the table."""
        self.table.focus()
