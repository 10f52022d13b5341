"""The screen itself: its parts, and how they are filled from the session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Footer

from convcalc.editor import Findings, Outcome, Session
from convcalc.editor.pausing import collect_idle
from convcalc.problems import ERROR, Problem
from convcalc.report.report import Report
from convcalc.tui.commands import COMMANDS
from convcalc.tui.comparing import CompareView
from convcalc.tui.edit_view import EditView
from convcalc.tui.field_view import FieldView
from convcalc.tui.forms import Form, LayerForm, NetworkForm
from convcalc.tui.marks import marks
from convcalc.tui.outline import ROOT, Item, Outline
from convcalc.tui.problems import ProblemsView
from convcalc.tui.summary import Summary
from convcalc.tui.sweep import SweepView
from convcalc.tui.table import NetworkTable
from convcalc.tui.tabs import TABS, TabBar
from convcalc.tui.why import WhyView

MANY = 300  # layers from which on what was changed is marked after the figures, not with them
MARKS_SECONDS = 0.1  # after the last edit
LINT_SECONDS = 0.6
READY_SECONDS = 0.2  # after the start: rows for fields are made before they are asked for
CHECKPOINT_SECONDS = 1.0


class Base(App[None]):
    """The session, what is selected, and the parts that show it."""

    CSS_PATH = "explore.tcss"
    TITLE = "convcalc"
    # Textual declares it without ClassVar, and so must this.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [command.binding() for command in COMMANDS]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.outline = Outline()
        self.against = ""  # the pin that the figures are compared with; the saved file without one
        self.tab = "why"
        self.findings: Findings | None = None
        self._checked = ""  # the text that the findings are of
        self._told = ""  # the last word on why no recovery copy could be written
        self._delayed: dict[str, Timer] = {}

    def compose(self) -> ComposeResult:
        yield Summary(id="summary")
        with Container(id="main"):
            yield NetworkTable(id="table")
            with Vertical(id="side"):
                yield TabBar(id="tabs")
                with ContentSwitcher(id="views", initial=self.tab):
                    yield WhyView(id="why")
                    yield FieldView(id="field")
                    yield EditView(id="edit")
                    yield SweepView(id="sweep")
                    yield CompareView(id="compare")
                    yield ProblemsView(id="problems")
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        self.table.focus()
        if self.session.report is None:
            self.tab = "problems"
        await self.refresh_all()
        self._later("rows", READY_SECONDS, self.query_one("#edit", EditView).prepare)
        self.set_interval(CHECKPOINT_SECONDS, self.rest)

    def rest(self) -> None:
        """While nobody waits: keep what is not saved, make ready for the next edit, and collect garbage."""
        self.session.checkpoint()
        failure = self.session.recovery_failure
        if failure and failure != self._told:
            self.notify(failure, severity="warning", markup=False)
        self._told = failure
        collect_idle()

    # -- the parts -----------------------------------------------------------------------------------------------------

    @property
    def table(self) -> NetworkTable:
        return self.main.query_one("#table", NetworkTable)

    @property
    def main(self) -> Screen[object]:
        """The screen under every dialog."""
        return self.screen_stack[0]

    @property
    def selected(self) -> Item | None:
        """The row that the cursor is on."""
        table = self.table
        return table.items[table.cursor] if table.items else None

    @property
    def base(self) -> Report | None:
        """The figures that the present ones are compared with."""
        pin = self.session.pins.get(self.against)
        return pin.report if pin is not None else self.session.baseline

    # -- filling -------------------------------------------------------------------------------------------------------

    async def refresh_all(self, cursor: str | None = None, *, keep: bool = False) -> None:
        """Show the session as it stands. `cursor` is the key of the row to select, `keep` spares the field in use."""
        self.refresh_table(cursor)
        await self.refresh_side(keep=keep)

    def refresh_table(self, cursor: str | None = None) -> None:
        """The totals and the rows; what was changed is marked at once, or in large networks a little later."""
        session, report = self.session, self.session.report
        summary = self.main.query_one("#summary", Summary)
        summary.show(session, self.base, self.outline.regime, self.against)
        if report is None:
            return
        items = self.outline.items(report)
        sheet = self.outline.sheet(items, session.pins.values())
        self.table.show(items, sheet, cursor=self.table.key if cursor is None else cursor, stale=not session.is_current)
        if len(report.rows) < MANY:
            self.refresh_marks()
        else:
            self._later("marks", MARKS_SECONDS, self.refresh_marks)
        if self._checked != session.text and session.is_current:
            self._later("lint", LINT_SECONDS, self.start_lint)

    def refresh_marks(self) -> None:
        """What was changed against the file or a pin, and what was found, at the rows."""
        difference = self.session.difference(self.against) if self.session.is_modified or self.against else None
        self.table.mark(marks(self.table.items, difference, self.problems_by_row()))

    async def refresh_side(self, *, keep: bool = False) -> None:
        """The open tab for the selected row."""
        screen = self.main
        screen.query_one("#views", ContentSwitcher).current = self.tab
        screen.query_one("#side").set_class(self.tab == "field", "-tall")
        problems = self.problems()
        errors = any(problem.severity == ERROR for problem in problems)
        screen.query_one("#tabs", TabBar).show(self.tab, len(problems), errors=errors)
        item, report = self.selected, self.session.report
        if self.tab == "why":
            screen.query_one("#why", WhyView).show(report, item)
        elif self.tab == "field":
            screen.query_one("#field", FieldView).show(report, item)
        elif self.tab == "edit":
            await screen.query_one("#edit", EditView).show(self.form(), keep=keep)
        elif self.tab == "sweep":
            screen.query_one("#sweep", SweepView).show(self.session, item.key if item else "", self.swept())
        elif self.tab == "compare":
            screen.query_one("#compare", CompareView).show(self.session, self.against)
        else:
            key = item.key if item else ""
            of_row = [
                each for row in (item.rows if item and key else []) for each in self.problems_by_row().get(row.name, [])
            ]
            complete = self._checked == self.session.text or not self.session.is_current
            screen.query_one("#problems", ProblemsView).show(problems, of_row, key, complete=complete)

    def form(self) -> Form | None:
        """The fields of the selected row."""
        item = self.selected
        if item is None or item.key == ROOT:
            return NetworkForm(self.session)
        return LayerForm(self.session, item.key)

    def swept(self) -> str:
        """The parameter to vary: the one whose field was used last."""
        return self.main.query_one("#edit", EditView).key

    def problems(self) -> list[Problem]:
        """What is wrong with the text, or what the rules have found in it."""
        if self.session.problems:
            return self.session.problems
        return self.findings.problems if self.findings is not None else []

    def problems_by_row(self) -> dict[str, list[Problem]]:
        return self.findings.rows if self.findings is not None else {}

    # -- lint ----------------------------------------------------------------------------------------------------------

    def start_lint(self) -> None:
        """Run the rules on the text beside everything else; a run that was overtaken is forgotten."""
        self.run_worker(self.lint(), group="lint", exclusive=True)

    async def lint(self) -> None:
        """Run the rules on the text as it stands, and mark what they find."""
        text = self.session.text
        try:
            findings = await asyncio.to_thread(self.session.findings)
        except Exception as error:  # a bug of a rule is told, and no reason to end what is being edited
            self.notify(f"the rules could not be run: {type(error).__name__}: {error}", severity="warning")
            return
        if text != self.session.text or not self.screen_stack:
            return  # another run is on its way, or the app is ending
        self.findings, self._checked = findings, text
        self.refresh_marks()
        await self.refresh_side(keep=True)

    def _later(self, name: str, seconds: float, action: Callable[[], Awaitable[None] | None]) -> None:
        """Do something once, so long after the last time that it was asked for."""
        if name in self._delayed:
            self._delayed[name].stop()
        self._delayed[name] = self.set_timer(seconds, action, name=name)

    # -- what the parts say --------------------------------------------------------------------------------------------

    @on(NetworkTable.Selected)
    async def row_selected(self) -> None:
        await self.refresh_side()

    @on(NetworkTable.Toggled)
    def block_toggled(self, event: NetworkTable.Toggled) -> None:
        self.outline.toggle(event.key)
        self.refresh_table(event.key)

    @on(NetworkTable.Sorted)
    def head_clicked(self, event: NetworkTable.Sorted) -> None:
        self.sort_by(event.column)

    def sort_by(self, column: str) -> None:
        """Sort the layers by a column; the same once more shows them as they run."""
        is_known = column not in ("", "bar", "name", "pin") and column != self.outline.sort
        self.outline.sort = column if is_known else None
        self.refresh_table()

    @on(EditView.Edited)
    async def field_edited(self, event: EditView.Edited) -> None:
        cursor = event.outcome.layers[0] if event.key == "name" and event.outcome.layers else None
        await self.refresh_all(cursor, keep=True)

    @on(TabBar.Clicked)
    async def tab_clicked(self, event: TabBar.Clicked) -> None:
        await self.action_tab(event.name)

    @on(EditView.Left)
    def field_left(self) -> None:
        self.table.focus()

    async def done(self, outcome: Outcome, cursor: str | None = None) -> None:
        """Tell what became of an edit, and show it."""
        if outcome.refused:
            self.notify(str(outcome), severity="error", markup=False)
        elif outcome.problems:
            self.notify(str(outcome.problems[0]), severity="warning", markup=False)
        elif outcome.message:
            self.notify(outcome.message, timeout=2, markup=False)
        await self.refresh_all(cursor)

    async def action_tab(self, name: str) -> None:
        """Open a tab; one that has keys of its own gets the focus."""
        self.tab = name if name in TABS else "why"
        await self.refresh_side()
        screen = self.main
        if name in ("field", "sweep"):
            screen.query_one(f"#{name}").focus()
        elif name == "edit":
            screen.query_one("#edit", EditView).focus_field()
        else:
            self.table.focus()
