"""The fields of the selected entry. Every keystroke in one edits the text; problems of a value are shown below it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from convcalc.arith.wording import visible
from convcalc.editor import EditField, Outcome
from convcalc.errors import UsageError
from convcalc.problems import Problem
from convcalc.tui.field_row import FieldInput, FieldRow, Widths, choices_text, origin_text
from convcalc.tui.forms import NAME, VARIANT, Form

USUAL_ROWS = 14  # fields of a convolution


class EditView(VerticalScroll):
    """The fields of a form. It reuses its rows, because mounting one takes longer than everything else.

    A key edits only in a field that the user has entered. While the form has the focus, the keys mark a field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "enter", "Into the field", show=False),
        Binding("escape", "leave", "Back to the table", show=False),
        Binding("up,k", "mark(-1)", "Field before", show=False),
        Binding("down,j", "mark(1)", "Next field", show=False),
        Binding("home", "mark(-999)", "First field", show=False),
        Binding("end", "mark(999)", "Last field", show=False),
    ]
    hint = "↑ ↓ choose a field, enter or tab goes into it, escape goes back to the table"

    class Edited(Message):
        """The user gave a field another value."""

        def __init__(self, outcome: Outcome, key: str) -> None:
            super().__init__()
            self.outcome = outcome
            self.key = key

    class Left(Message):
        """The user goes back to the table."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._title = Static(id="edit-title")
        self._help = Static(id="edit-help")
        self._problem = Static(id="edit-problem")
        self._rows: list[FieldRow] = []
        self._form: Form | None = None
        self._key = ""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._help
        yield self._problem

    @property
    def key(self) -> str:
        """The key of the field that is marked."""
        return self._key

    @property
    def shown(self) -> list[FieldRow]:
        """The rows of the fields of the form."""
        return [row for row in self._rows if row.display and row.field is not None]

    def row(self, key: str) -> FieldRow | None:
        """The row of a field."""
        return next((row for row in self.shown if row.field is not None and row.field.key == key), None)

    @property
    def entered(self) -> FieldRow | None:
        """The row of the field that has the cursor."""
        return next((row for row in self.shown if row.input.has_focus), None)

    # -- showing -------------------------------------------------------------------------------------------------------

    async def show(self, form: Form, *, keep_text: bool = False) -> None:
        """Show the fields of a form; with `keep_text` the field that has the focus keeps its text."""
        self._form = form
        fields: list[EditField] = []
        try:
            title, fields = form.title(), form.fields()
        except UsageError as error:
            title = str(error)
        await self.prepare(len(fields))
        if self._form is not form:
            return  # another row was selected in the meantime
        self._title.update(Content(title))
        if not keep_text:
            self._problem.display = False
        widths = Widths.of(fields, self.scrollable_content_region.width or self.size.width)
        for row, field in zip(self._rows, fields):
            has_focus = keep_text and row.input.has_focus and row.field is not None and row.field.key == field.key
            row.show(field, widths, keep_text=has_focus)
            row.display = True
        for row in self._rows[len(fields) :]:
            row.display = False
        self._mark(self._marked())

    async def prepare(self, count: int = USUAL_ROWS) -> None:
        """Make rows until there are `count`."""
        missing = [FieldRow() for _ in range(count - len(self._rows))]
        if missing and self.is_attached:  # nothing can be mounted once the app is asked to exit
            self._rows += missing
            for row in missing:
                row.display = False
            await self.mount_all(missing)

    async def on_resize(self, event: events.Resize) -> None:
        if self._form is not None:
            await self.show(self._form, keep_text=True)

    # -- the marked field ----------------------------------------------------------------------------------------------

    def _marked(self) -> FieldRow | None:
        """The row of the marked field, or of the first that is written."""
        shown = self.shown
        written = [row for row in shown if row.field and row.field.written is not None and row.field.key != NAME]
        return self.entered or self.row(self._key) or next(iter(written or shown), None)

    def _mark(self, marked: FieldRow | None) -> None:
        """Mark a field, and show its help above the fields."""
        is_here = self.has_focus or self.entered is not None
        for row in self.shown:
            row.mark(is_here and row is marked)
        field = marked.field if marked is not None else None
        if field is not None and is_here:
            self._key = field.key
            self._help.update(Content("; ".join(filter(None, (field.help, origin_text(field) or choices_text(field))))))
        else:
            self._help.update(Content("enter goes into the fields" if field is not None else ""))

    def focus_field(self, key: str = "") -> None:
        """Put the cursor into a field; without a key, into the marked one."""
        row = (self.row(key) if key else None) or self._marked()
        if row is not None:
            row.input.focus()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def show_mark(self) -> None:
        self._mark(self._marked())

    def on_focus(self) -> None:
        self.show_mark()

    def on_blur(self) -> None:
        self.show_mark()

    def action_mark(self, by: int) -> None:
        shown, marked = self.shown, self._marked()
        if marked is not None:
            row = shown[max(0, min(shown.index(marked) + by, len(shown) - 1))]
            self._mark(row)
            self.scroll_to_widget(row, animate=False)

    def action_enter(self) -> None:
        self.focus_field()

    def action_leave(self) -> None:
        self.post_message(self.Left())

    @on(FieldInput.Left)
    def leave_field(self, event: FieldInput.Left) -> None:
        """Go to another field, the last is followed by the first; or back to the form."""
        shown, entered = self.shown, self.entered
        if not event.by or entered is None:
            self.focus()
        else:
            shown[(shown.index(entered) + event.by) % len(shown)].input.focus()

    # -- editing -------------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        row = next((row for row in self._rows if row.input is event.input), None)
        if row is None or row.field is None:
            return
        if row.field.key not in (NAME, VARIANT):  # these wait for enter: an incomplete name is a name too
            self._apply(row, event.value.strip())
        elif row.field.key == VARIANT and event.value in row.field.choices:
            self._apply(row, event.value)
        else:
            row.is_pending = event.value.strip() != (row.field.written or "")

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        row = next((row for row in self._rows if row.input is event.input), None)
        if row is not None and row.field is not None and row.field.key == NAME:
            self._apply(row, event.value.strip())
        self.focus()

    def take_back(self) -> bool:
        """Replace a text that is not in the file by the value that is; returns whether there was one."""
        row = self.entered
        if row is None or not row.is_pending:
            return False
        row.reset()
        row.input.cursor_position = len(row.input.value)
        self._problem.display = False
        return True

    def _apply(self, row: FieldRow, text: str) -> None:
        field = row.field
        row.is_pending = False
        if field is None or self._form is None or text == (field.written or ""):
            self._show_problems(row, [])
            return
        if not text and field.required:
            row.is_pending = True
            self._show_problems(row, [f"{field.key} must be given" + (f": {field.help}" if field.help else "")])
            return
        outcome = self._form.set(field.key, text)
        row.is_pending = outcome.refused
        self._show_problems(row, messages(outcome))
        self.post_message(self.Edited(outcome, field.key))

    def _show_problems(self, row: FieldRow, lines: list[str]) -> None:
        """Show the problems of a value below it."""
        row.set_class(bool(lines), "-wrong")
        self._problem.display = bool(lines)
        if lines:
            self._problem.update(Content("\n".join(lines)))
            self.move_child(self._problem, after=row)


def messages(outcome: Outcome) -> list[str]:
    """The messages below a field: the problems of its value, or the reason of a refusal, or the first other problem."""
    if outcome.at_field:
        return [visible("; ".join(filter(None, (each.message, each.help)))) for each in outcome.at_field]
    if outcome.refused:
        return [visible(str(outcome))]
    return [problem_text(problem) for problem in outcome.problems[:1]]


def problem_text(problem: Problem) -> str:
    """A problem in one line."""
    subject = f"{problem.subject}: " if problem.subject else ""
    return visible(f"{subject}{problem.message}" + (f"; {problem.help}" if problem.help else ""))
