"""The fields of the selected entry. Every keystroke edits the text; problems of a value are shown below it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from convcalc.editor import EditField, Outcome
from convcalc.errors import UsageError
from convcalc.problems import Problem
from convcalc.render.changes import value_text
from convcalc.render.style import visible
from convcalc.tui.forms import NAME, VARIANT, Form

ARROWS = "▼ ▲"
USUAL_ROWS = 14  # fields of a convolution


class FieldInput(Input):
    """A value; up and down change a number, or go through the allowed words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "More", show=False),
        Binding("down", "step(-1)", "Less", show=False),
    ]
    choices: tuple[str, ...] = ()

    def action_step(self, by: int) -> None:
        """Add to a number, or take the next choice; other values do not change."""
        text = self.value.strip() or self.placeholder
        if self.choices:
            place = self.choices.index(text) - by if text in self.choices else 0
            self.value = self.choices[place % len(self.choices)]
        elif text.lstrip("-").isdecimal():
            self.value = str(int(text) + by)
        self.cursor_position = len(self.value)


class FieldRow(Horizontal):
    """One field: its key, its value and a note. It has few widgets, because there are many rows."""

    def __init__(self) -> None:
        super().__init__()
        self.field: EditField | None = None
        self.label = Static(classes="field-key")
        self.input = FieldInput(compact=True)
        self.note = Static(classes="field-note")

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.input
        yield self.note

    def show(self, field: EditField, *, keep_text: bool) -> None:
        """Show a field; with `keep_text` the text in the input stays."""
        self.field = field
        self.label.update(Content(field.key))
        self.label.set_class(field.written is None, "-default")
        self.input.choices = tuple(field.choices)
        self.input.placeholder = "required" if field.required else default_text(field)
        self.input.suggester = SuggestFromList(field.choices) if field.choices else None
        note = f"from {field.origin}" if field.origin else ", ".join(field.choices)
        self.note.update(Content(f"{ARROWS if self.can_step else ' ' * len(ARROWS)} {note}"))
        if not keep_text:
            with self.input.prevent(Input.Changed):
                self.input.value = visible(field.written or "")
            self.set_class(False, "-wrong")

    @property
    def can_step(self) -> bool:
        """Whether there is a next value."""
        text = self.input.placeholder if self.field is None or self.field.written is None else self.field.written
        return bool(self.input.choices) or text.lstrip("-").isdecimal()

    @on(events.Click)
    def step(self, event: events.Click) -> None:
        """Step the value on a click on one of the arrows."""
        if event.widget is self.note and self.can_step and event.x < len(ARROWS) + 1:
            self.input.focus()
            self.input.action_step(-1 if event.x < len(ARROWS) - 1 else 1)


def default_text(field: EditField) -> str:
    """The value that applies while the key is not written."""
    if field.default is None:
        return "" if field.value is None else value_text(field.value)
    return value_text(field.default)


class EditView(VerticalScroll):
    """The fields of a form. It reuses its rows, because mounting one takes longer than everything else."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back to the table")]

    class Edited(Message):
        """The user gave a field another value."""

        def __init__(self, outcome: Outcome, key: str) -> None:
            super().__init__()
            self.outcome = outcome
            self.key = key

    class Left(Message):
        """The user goes back to the table."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, can_focus=False)
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
        """The key of the field that has the focus, or had it last."""
        return self._key

    def row(self, key: str) -> FieldRow | None:
        """The row of a field."""
        return next((row for row in self._rows if row.display and row.field is not None and row.field.key == key), None)

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
        focused = self.app.focused
        for row, field in zip(self._rows, fields):
            has_focus = keep_text and row.input is focused and row.field is not None and row.field.key == field.key
            row.show(field, keep_text=has_focus)
            row.display = True
        for row in self._rows[len(fields) :]:
            row.display = False

    async def prepare(self, count: int = USUAL_ROWS) -> None:
        """Make rows until there are `count`."""
        missing = [FieldRow() for _ in range(count - len(self._rows))]
        if missing and self.is_attached:  # nothing can be mounted once the app is asked to exit
            self._rows += missing
            for row in missing:
                row.display = False
            await self.mount_all(missing)

    def focus_field(self, key: str = "") -> None:
        """Put the cursor into a field; without a key, into the first field that is written."""
        row = self.row(key) if key else None
        shown = [each for each in self._rows if each.display and each.field is not None]
        written = [each for each in shown if each.field and each.field.written is not None and each.field.key != NAME]
        row = row or next(iter(written or shown), None)
        if row is not None:
            row.input.focus()

    @on(events.DescendantFocus)
    def show_help(self, event: events.DescendantFocus) -> None:
        parent = event.widget.parent
        if isinstance(parent, FieldRow) and parent.field is not None:
            self._key = parent.field.key
            self._help.update(Content(parent.field.help))

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        row = next((row for row in self._rows if row.input is event.input), None)
        if row is None or row.field is None:
            return
        if row.field.key not in (NAME, VARIANT):  # these wait for enter: an incomplete name is a name too
            self._apply(row, event.value.strip())
        elif row.field.key == VARIANT and event.value in row.field.choices:
            self._apply(row, event.value)

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        row = next((row for row in self._rows if row.input is event.input), None)
        if row is not None and row.field is not None and row.field.key == NAME:
            self._apply(row, event.value.strip())
        else:
            self.screen.focus_next()

    def _apply(self, row: FieldRow, text: str) -> None:
        field = row.field
        if field is None or self._form is None or text == (field.written or ""):
            self._show_problems(row, [])
            return
        if not text and field.required:
            self._show_problems(row, [f"{field.key} must be given" + (f": {field.help}" if field.help else "")])
            return
        outcome = self._form.set(field.key, text)
        self._show_problems(row, messages(outcome))
        self.post_message(self.Edited(outcome, field.key))

    def _show_problems(self, row: FieldRow, lines: list[str]) -> None:
        """Show the problems of a value below it."""
        row.set_class(bool(lines), "-wrong")
        self._problem.display = bool(lines)
        if lines:
            self._problem.update(Content("\n".join(lines)))
            self.move_child(self._problem, after=row)

    def action_leave(self) -> None:
        self.post_message(self.Left())


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
