"""The main screen: its parts, which show the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Footer

from convcalc.bugs import bug_message
from convcalc.editor import Findings, Outcome, Session
from convcalc.problems import ERROR, Problem
from convcalc.report.report import Report
from convcalc.tui.comparing import CompareView
from convcalc.tui.edit_view import EditView
from convcalc.tui.field_row import FieldInput
from convcalc.tui.field_view import FieldView
from convcalc.tui.forms import Form, LayerForm, NetworkForm
from convcalc.tui.marks import marks
from convcalc.tui.network_view import NetworkView
from convcalc.tui.outline import ROOT, Outline, OutlineItem
from convcalc.tui.problems import ProblemsView
from convcalc.tui.status import ERROR as REFUSED
from convcalc.tui.status import PLAIN, WARNING, StatusLine
from convcalc.tui.summary import Summary
from convcalc.tui.sweep import SweepView
from convcalc.tui.table import NetworkTable
from convcalc.tui.tabs import TABS, TabBar
from convcalc.tui.text_view import TextView
from convcalc.tui.why import WhyView

MARKS_AT_ONCE = 300  # layers; the marks of a larger network follow its figures
MARKS_SECONDS = 0.1  # after the last edit
LINT_SECONDS = 0.6
PREPARE_SECONDS = 0.2  # after the start: the rows of the edit form are made before the user opens it
CHECKPOINT_SECONDS = 1.0
BROKEN = "the network does not build now: ctrl+z takes the last edit back"


class MainScreen(Screen[None]):
    """The session, the selected row, and the parts that show them.

    Timers and messages of workers belong to this screen: they stop before Textual removes its widgets. Therefore a
    worker sends its result as a message, and does not change a widget.
    """

    class Checked(Message):
        """The lint rules have run on a text; `failure` describes the bug where a rule has one."""

        def __init__(self, text: str, findings: Findings | None, failure: str = "") -> None:
            super().__init__()
            self.text = text
            self.findings = findings
            self.failure = failure

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.outline = Outline()
        self.against = ""  # the pin that the figures are compared with; empty for the saved file
        self.tab = "why"
        self.came_from = ""  # the row to which escape leads back
        self.is_changed_on_disk = False  # by another program
        self.findings: Findings | None = None
        self._checked_text = ""  # the text of the findings
        self._reported_failure = ""  # the last failure to write a recovery copy that was shown
        self._delayed: dict[str, Timer] = {}
        self.summary = Summary(id="summary")
        self.network = NetworkView(id="network")
        self.table = self.network.table
        self.side = Vertical(id="side")
        self.tab_bar = TabBar(id="tabs")
        self.views = ContentSwitcher(id="views", initial=self.tab)
        self.why = WhyView(id="why")
        self.field = FieldView(id="field")
        self.edit = EditView(id="edit")
        self.sweep = SweepView(id="sweep")
        self.compare = CompareView(id="compare")
        self.problems_view = ProblemsView(id="problems")
        self.status = StatusLine(id="status")

    def compose(self) -> ComposeResult:
        yield self.summary
        with Container(id="main"):
            yield self.network
            with self.side:
                yield self.tab_bar
                with self.views:
                    yield from (self.why, self.field, self.edit, self.sweep, self.compare, self.problems_view)
        yield self.status
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        if self.session.report is None:
            self.tab = "problems"
        await self.refresh_all()
        self.network.focus_list()
        self._later("rows", PREPARE_SECONDS, self.edit.prepare)
        self.set_interval(CHECKPOINT_SECONDS, self.write_copy)

    def write_copy(self) -> None:
        """Write a recovery copy while the user is idle, and warn once where that fails."""
        self.session.checkpoint()
        failure = self.session.storage.copy_failure
        if failure and failure != self._reported_failure:
            self.say(failure, WARNING)
        self._reported_failure = failure

    def say(self, message: str, style: str = PLAIN) -> None:
        """Show a message until the next action."""
        self.status.say(message, style)

    @on(events.DescendantFocus)
    def describe_keys(self, event: events.DescendantFocus) -> None:
        self.status.hint(getattr(event.widget, "hint", ""))

    def _later(self, name: str, seconds: float, action: Callable[[], Awaitable[None] | None]) -> None:
        """Run an action once, some time after the last request of that name."""
        if name in self._delayed:
            self._delayed[name].stop()
        self._delayed[name] = self.set_timer(seconds, action, name=name)

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> OutlineItem | None:
        """The row under the cursor."""
        return self.table.items[self.table.cursor] if self.table.items else None

    @property
    def key(self) -> str:
        """The name of the selected layer, block or entry; empty for the network."""
        return self.network.key

    @property
    def base(self) -> Report | None:
        """The figures that the present ones are compared with."""
        pin = self.session.pins.get(self.against)
        return pin.report if pin is not None else self.session.baseline

    @property
    def form(self) -> Form:
        """The fields of the selected row."""
        return NetworkForm(self.session) if self.key == ROOT else LayerForm(self.session, self.key)

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the text; without any, the findings of the lint rules."""
        if self.session.problems:
            return self.session.problems
        return self.findings.problems if self.findings is not None else []

    @property
    def problems_by_row(self) -> Mapping[str, Sequence[Problem]]:
        return self.findings.rows if self.findings is not None else {}

    # -- showing -------------------------------------------------------------------------------------------------------

    async def refresh_all(self, cursor: str | None = None, *, keep_text: bool = False) -> None:
        """Show the session. `cursor` is the key of the row to select.

        With `keep_text` the field that has the focus keeps its text.
        """
        self.refresh_table(cursor)
        await self.refresh_side(keep_text=keep_text)

    def refresh_table(self, cursor: str | None = None) -> None:
        """Show the totals and the rows. The marks of a large network follow a little later."""
        session, report = self.session, self.session.report
        self.refresh_summary()
        if report is None:
            self.network.show_text(session)
            return
        if self.network.show_table() and self.tab == "problems":
            self.tab = "why"
        items = self.outline.items(report)
        sheet = self.outline.sheet(items, session.pins.values())
        self.table.show(items, sheet, cursor=self.table.key if cursor is None else cursor, stale=not session.is_current)
        self.network.share_width(self.size.width)
        if len(report.rows) < MARKS_AT_ONCE:
            self.refresh_marks()
        else:
            self._later("marks", MARKS_SECONDS, self.refresh_marks)
        if self._checked_text != session.text and session.is_current:
            self._later("lint", LINT_SECONDS, self.start_lint)

    def refresh_summary(self) -> None:
        """Show the state of the session and its totals."""
        self.summary.show(self.session, self.base, self.outline.wiring, self.against,
                          is_changed_on_disk=self.is_changed_on_disk)  # fmt: skip

    def on_resize(self) -> None:
        self.network.share_width(self.size.width)

    def refresh_marks(self) -> None:
        """Mark the rows that changed against the file or a pin, and those with findings."""
        difference = self.session.difference(self.against) if self.session.is_modified or self.against else None
        self.table.mark(marks(self.table.items, difference, self.problems_by_row))

    async def refresh_side(self, *, keep_text: bool = False) -> None:
        """Show the open tab for the selected row."""
        self.views.current = self.tab
        self.side.set_class(self.tab == "field", "-tall")
        problems = self.problems
        has_errors = any(problem.severity == ERROR for problem in problems)
        self.tab_bar.show(self.tab, len(problems), errors=has_errors)
        item, report = self.selected, self.session.report
        if self.tab == "why":
            self.why.show(report, item)
        elif self.tab == "field":
            self.field.show(report, item)
        elif self.tab == "edit":
            await self.edit.show(self.form, keep_text=keep_text)
        elif self.tab == "sweep":
            self.sweep.show(self.session, self.key, self.edit.key)
        elif self.tab == "compare":
            self.compare.show(self.session, self.against)
        else:
            self._show_problems(problems, item)

    def _show_problems(self, problems: Sequence[Problem], item: OutlineItem | None) -> None:
        key = self.key
        rows = item.rows if item is not None and key else []
        of_row = [problem for row in rows for problem in self.problems_by_row.get(row.name, [])]
        is_complete = self._checked_text == self.session.text or not self.session.is_current
        self.problems_view.show(problems, of_row, key, complete=is_complete)

    # -- lint ----------------------------------------------------------------------------------------------------------

    def start_lint(self) -> None:
        """Run the lint rules on the text in a thread."""
        self.run_worker(self._lint, group="lint", exclusive=True, thread=True)

    def _lint(self) -> None:
        text = self.session.text
        try:
            self.post_message(self.Checked(text, self.session.findings()))
        except Exception as error:  # a bug in a rule must not end the editing
            self.post_message(self.Checked(text, None, bug_message(error)))

    @on(Checked)
    async def show_findings(self, event: Checked) -> None:
        if event.findings is None:
            self.say(f"the lint rules cannot run: {event.failure}", WARNING)
        elif event.text == self.session.text:  # otherwise the text has changed, and another run follows
            self.findings, self._checked_text = event.findings, event.text
            self.refresh_marks()
            await self.refresh_side(keep_text=True)

    # -- messages of the parts -----------------------------------------------------------------------------------------

    @on(NetworkTable.Selected)
    @on(TextView.Selected)
    async def show_selected_row(self) -> None:
        if self.key != ROOT:
            self.came_from = ""
        await self.refresh_side()

    @on(NetworkTable.Toggled)
    def toggle_block(self, event: NetworkTable.Toggled) -> None:
        self.outline.toggle(event.key)
        self.refresh_table(event.key)

    @on(NetworkTable.Opened)
    async def open_row(self) -> None:
        await self.open_tab("edit")

    @on(NetworkTable.Sorted)
    def sort_by_head(self, event: NetworkTable.Sorted) -> None:
        """Sort the layers by a column; a second click shows them in the order of the network."""
        is_new = event.column not in ("", "bar", "name", "pin") and event.column != self.outline.sort
        self.show_sorted(event.column if is_new else None)

    def show_sorted(self, column: str | None) -> None:
        """Sort by a column, with the cursor on the largest layer; None is the order of the network."""
        self.outline.sort = column
        self.refresh_table()
        if column is not None:
            self.table.select(1)
            self.table.scroll_home(animate=False, force=True)
        self.say(f"sorted by {column}, the largest first" if column is not None else "in the order of the network")

    @on(EditView.Edited)
    async def show_edited_field(self, event: EditView.Edited) -> None:
        cursor = event.outcome.layers[0] if event.key == "name" and event.outcome.layers else None
        breaks = bool(event.outcome.problems) and not event.outcome.refused and self.session.report is not None
        self.say(BROKEN if breaks else "", REFUSED)
        await self.refresh_all(cursor, keep_text=True)

    @on(FieldInput.Left)
    def end_typing(self) -> None:
        self.say("" if self.session.is_current else self.status.message, REFUSED)

    @on(FieldInput.Refused)
    def explain_refused_letter(self, event: FieldInput.Refused) -> None:
        message = f"{event.letter} is not typed into a number: escape leaves the field, = starts an expression"
        self.say(message, WARNING)

    @on(EditView.Left)
    async def leave_to_list(self) -> None:
        """Give the focus back to the table, and the cursor to the row that it had before the network's fields."""
        before, self.came_from = self.came_from, ""
        self.network.focus_list()
        if before and self.key == ROOT:
            await self.refresh_all(before)

    @on(TabBar.Clicked)
    async def open_clicked_tab(self, event: TabBar.Clicked) -> None:
        await self.open_tab(event.name)

    @on(SweepView.Taken)
    async def set_taken_value(self, event: SweepView.Taken) -> None:
        session, layer, key, value = self.session, event.layer, event.key, event.value
        if layer == "params":
            outcome = session.set_param(key, value)
        else:
            outcome = session.set(layer, key, value) if layer else session.set_input(value)
        await self.show_outcome(outcome)

    async def show_outcome(self, outcome: Outcome, cursor: str | None = None) -> None:
        """Show the message of an edit, or why it was refused, and then the session."""
        if outcome.refused:
            self.say(str(outcome), REFUSED)
        elif outcome.problems:
            self.say(str(outcome.problems[0]), WARNING)
        else:
            self.say(outcome.message)
        await self.refresh_all(cursor)

    async def open_tab(self, name: str) -> None:
        """Open a tab; a tab with keys of its own gets the focus."""
        self.tab = name if name in TABS else "why"
        await self.refresh_side()
        if self.tab == "field":
            self.field.focus()
        elif self.tab == "sweep":
            self.sweep.focus()
        elif self.tab == "edit":
            self.edit.focus()
        else:
            self.network.focus_list()

    async def go(self, name: str) -> None:
        """Select a layer, and unfold the blocks around it."""
        self.outline.reveal(name)
        self.refresh_table(name)
        await self.refresh_side()
