"""One field of a form: its key, its value and a note on its right."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from convcalc.arith.wording import visible
from convcalc.editor import EditField
from convcalc.render.changes import value_text
from convcalc.tui.dialogs import key_text

ARROWS = "▼ ▲"
MARK = "▸"
GAP = 1
MIN_VALUE, MAX_VALUE = 10, 22  # characters of a value
MAX_NOTE = 40  # characters of a note that are worth a narrower value


class Widths(NamedTuple):
    """The columns of the fields of a form; the notes have the rest of the `room`."""

    key: int
    value: int
    room: int

    @classmethod
    def of(cls, fields: list[EditField], room: int) -> Widths:
        """The widths with which every key is whole, and the notes as well if there is room."""
        key = max([len(field.key) for field in fields], default=0) + len(MARK) + 2 * GAP
        note = max([len(note_text(field, MAX_NOTE)) for field in fields], default=0)
        value = room - key - len(ARROWS) - note - 3 * GAP
        return cls(key, max(MIN_VALUE, min(MAX_VALUE, value)), room)

    @property
    def note(self) -> int:
        """The characters of a note, without the arrows before it."""
        return self.room - self.key - self.value - len(ARROWS) - 2 * GAP


class FieldInput(Input):
    """A value; up and down change a number, or go through the allowed words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave the field"),
        Binding("tab", "next(1)", "Next field"),
        Binding("shift+tab", "next(-1)", "Field before", show=False),
        Binding("up", "step(1)", "More"),
        Binding("down", "step(-1)", "Less"),
    ]

    class Refused(Message):
        """A letter was not typed into a number."""

        def __init__(self, letter: str) -> None:
            super().__init__()
            self.letter = letter

    class Left(Message):
        """The user leaves the field, for the next one (1), the one before (-1) or the form (0)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    choices: tuple[str, ...] = ()
    is_number = False
    hint = ""

    def action_step(self, by: int) -> None:
        """Add to a number, or take the next choice; other values do not change."""
        text = self.value.strip() or self.placeholder
        if self.choices:
            place = self.choices.index(text) - by if text in self.choices else 0
            self.value = self.choices[place % len(self.choices)]
        elif text.lstrip("-").isdecimal():
            self.value = str(int(text) + by)
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        self.post_message(self.Left(0))

    def action_next(self, by: int) -> None:
        self.post_message(self.Left(by))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed; the footer does not list such a key as a shortcut."""
        return super().check_consume_key(key, character) or len(key_text(key)) == 1

    def on_key(self, event: events.Key) -> None:
        """Keep letters out of a whole number: there they are shortcuts typed in the wrong place."""
        letter = event.character or ""
        start, end = sorted(self.selection)
        rest = self.value[:start] + self.value[end:]
        if letter.isalpha() and self.is_number and (rest.isdecimal() or not rest):
            event.prevent_default()
            event.stop()
            self.post_message(self.Refused(letter))


class FieldRow(Horizontal):
    """The few widgets of one field: there are many rows.

    `is_pending` is true where the text of the input is not in the file: it was refused, or waits for enter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.field: EditField | None = None
        self.is_pending = False
        self._is_marked = False
        self.label = Static(classes="field-key")
        self.input = FieldInput(compact=True)
        self.note = Static(classes="field-note")

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.input
        yield self.note

    def show(self, field: EditField, widths: Widths, *, keep_text: bool) -> None:
        """Show a field; with `keep_text` the text in the input stays."""
        self.field = field
        self.mark(self._is_marked)
        self.label.set_class(field.written is None, "-default")
        self.label.styles.width, self.input.styles.width = widths.key, widths.value
        self.input.hint = f"typing into {field.key}: escape leaves, ctrl+z takes the last edit back"
        self.input.choices = tuple(field.choices)
        self.input.is_number = field.is_number
        self.input.placeholder = "required" if field.required else default_text(field)
        self.input.suggester = SuggestFromList(field.choices) if field.choices else None
        note = note_text(field, widths.note)
        self.note.update(Content(f"{ARROWS if self.can_step else ' ' * len(ARROWS)} {note}"))
        if not keep_text:
            self.reset()

    def reset(self) -> None:
        """Show the value that is in the file."""
        with self.input.prevent(Input.Changed):
            self.input.value = visible(self.field.written or "") if self.field is not None else ""
        self.is_pending = False
        self.set_class(False, "-wrong")

    def mark(self, is_marked: bool) -> None:
        """Mark the field that enter goes into."""
        self._is_marked = is_marked
        key = self.field.key if self.field is not None else ""
        self.label.update(Content(f"{MARK if is_marked else ' '} {key}"))

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


def origin_text(field: EditField) -> str:
    """Where the value comes from, if it is written elsewhere."""
    return f"from {field.origin}" if field.origin else ""


def choices_text(field: EditField) -> str:
    """The allowed words, in words."""
    return f"one of {', '.join(field.choices)}" if field.choices else ""


def note_text(field: EditField, room: int) -> str:
    """The origin of a value or the allowed words; in a narrow place the line of the origin alone."""
    if not field.origin:
        return ", ".join(field.choices)
    texts = [origin_text(field), field.origin, f"from {field.origin.rpartition(', ')[2]}"]
    return next((text for text in texts if len(text) <= room), texts[-1])
