"""The fields of the selected entry. A value counts with every keystroke; what is wrong with it stands below it."""

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
from convcalc.render.diagnostics import visible
from convcalc.tui.forms import NAME, VARIANT, Form

ARROWS = "▼ ▲"
USUAL_ROWS = 14  # fields of a convolution


class FieldInput(Input):
    """A value; up and down step a number, or through the words that it may be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "More", show=False),
        Binding("down", "step(-1)", "Less", show=False),
    ]
    choices: tuple[str, ...] = ()

    def action_step(self, by: int) -> None:
        """Add to the number, or take the next of the choices; what is neither stays."""
        text = self.value.strip() or self.placeholder
        if self.choices:
            place = self.choices.index(text) - by if text in self.choices else 0
            self.value = self.choices[place % len(self.choices)]
        elif text.lstrip("-").isdecimal():
            self.value = str(int(text) + by)
        self.cursor_position = len(self.value)


class FieldRow(Horizontal):
    """One field: its key, its value, and what there is to say of it. Few widgets, for there are many rows."""

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
        """Show a field; the text that is being typed stays."""
        self.field = field
        self.label.update(Content(field.key))
        self.label.set_class(field.written is None, "-default")
        self.input.choices = tuple(field.choices)
        self.input.placeholder = "needed" if field.required else default_text(field)
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
        """The arrows are for the mouse."""
        if event.widget is self.note and self.can_step and event.x < len(ARROWS) + 1:
            self.input.focus()
            self.input.action_step(-1 if event.x < len(ARROWS) - 1 else 1)


def default_text(field: EditField) -> str:
    """What counts where nothing is written."""
    if field.default is None:
        return "" if field.value is None else value_text(field.value)
    return value_text(field.default)


class EditView(VerticalScroll):
    """The fields of a form. Rows are kept and filled anew: to mount them takes longer than everything else."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back to the table")]

    class Edited(Message):
        """A field was given another value."""

        def __init__(self, outcome: Outcome, key: str) -> None:
            super().__init__()
            self.outcome = outcome
            self.key = key

    class Left(Message):
        """The table is wanted."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, can_focus=False)
        self._rows: list[FieldRow] = []
        self._form: Form | None = None
        self._key = ""

    def compose(self) -> ComposeResult:
        yield Static(id="edit-title")
        yield Static(id="edit-help")
        yield Static(id="edit-problem")

    @property
    def key(self) -> str:
        """The key of the field that has the focus, or had it last."""
        return self._key

    def row(self, key: str) -> FieldRow | None:
        """The row of a field."""
        return next((row for row in self._rows if row.display and row.field is not None and row.field.key == key), None)

    async def show(self, form: Form | None, *, keep: bool = False) -> None:
        """Fill in the fields of a form; with `keep` the field that is being typed in keeps its text."""
        self._form = form
        title, fields = "Nothing is selected.", []
        if form is not None:
            try:
                title, fields = form.title(), form.fields()
            except UsageError as error:
                title = str(error)
        self.query_one("#edit-title", Static).update(Content(title))
        await self.prepare(len(fields))
        if not keep:
            self.query_one("#edit-problem").display = False
        focused = self.app.focused
        for row, field in zip(self._rows, fields):
            typing = keep and row.input is focused and row.field is not None and row.field.key == field.key
            row.show(field, keep_text=typing)
            row.display = True
        for row in self._rows[len(fields) :]:
            row.display = False

    async def prepare(self, count: int = USUAL_ROWS) -> None:
        """Have so many rows at least."""
        missing = [FieldRow() for _ in range(count - len(self._rows))]
        if missing:
            self._rows += missing
            for row in missing:
                row.display = False
            await self.mount_all(missing)

    def focus_field(self, key: str = "") -> None:
        """Put the cursor into a field, or into the first that is written."""
        row = self.row(key) if key else None
        shown = [each for each in self._rows if each.display and each.field is not None]
        written = [each for each in shown if each.field and each.field.written is not None and each.field.key != NAME]
        row = row or next(iter(written or shown), None)
        if row is not None:
            row.input.focus()

    @on(events.DescendantFocus)
    def note_field(self, event: events.DescendantFocus) -> None:
        parent = event.widget.parent
        if isinstance(parent, FieldRow) and parent.field is not None:
            self._key = parent.field.key
            self.query_one("#edit-help", Static).update(Content(parent.field.help))

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        row = next((row for row in self._rows if row.input is event.input), None)
        if row is None or row.field is None:
            return
        if row.field.key not in (NAME, VARIANT):  # half a name is one too: these wait for enter
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
            self._say(row, [])
            return
        if not text and field.required:
            self._say(row, [f"{field.key} must be given" + (f": {field.help}" if field.help else "")])
            return
        outcome = self._form.set(field.key, text)
        self._say(row, messages(outcome))
        self.post_message(self.Edited(outcome, field.key))

    def _say(self, row: FieldRow, lines: list[str]) -> None:
        """What is wrong with a value, below it; nothing where all is right."""
        row.set_class(bool(lines), "-wrong")
        shown = self.query_one("#edit-problem", Static)
        shown.display = bool(lines)
        if lines:
            shown.update(Content("\n".join(lines)))
            self.move_child(shown, after=row)

    def action_leave(self) -> None:
        self.post_message(self.Left())


def messages(outcome: Outcome) -> list[str]:
    """What is said at the field: the problems of its value, or why it was refused; others are told elsewhere."""
    if outcome.at_field:
        return [visible("; ".join(filter(None, (each.message, each.help)))) for each in outcome.at_field]
    if outcome.refused:
        return [visible(str(outcome))]
    return [problem_text(problem) for problem in outcome.problems[:1]]


def problem_text(problem: Problem) -> str:
    """A problem in one line."""
    subject = f"{problem.subject}: " if problem.subject else ""
    return visible(f"{subject}{problem.message}" + (f"; {problem.help}" if problem.help else ""))
