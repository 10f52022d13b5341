"""The dialogs: for a text, for one choice, for several choices, and the list of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from textwrap import wrap
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

ESCAPE: list[BindingType] = [Binding("escape", "cancel", "Cancel")]
KEY_COLUMNS = 15  # of the help
MAX_OPTIONS = 200  # suggestions that are listed
# The keys of the table, the fields and every dialog, besides the actions.
OTHER_KEYS = {
    "↑ ↓ j k": "the row before, the next one",
    "← → h l": "fold or unfold, to the block around",
    "tab": "between the table and the tab beside it",
    "enter or tab": "on the fields: into the marked one",
    "↑ ↓ in a field": "step a number, or through the choices",
    "escape": "out of a field, then back to the table",
    "ctrl+p": "the palette: every action by its name",
}
HelpGroups = Mapping[str, Sequence[tuple[str, str, str]]]  # by heading: the keys, title and help of each action


class Ask(ModalScreen["str | None"]):
    """Ask for a text.

    `check` returns the mistake in a text, or an empty text. `options` returns suggestions for the typed text, and
    `complete` the text for a chosen one. `live` is called with the text after every keystroke.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *ESCAPE,
        Binding("down", "list(1)", "Next", show=False, priority=True),
        Binding("up", "list(-1)", "Before", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        *,
        value: str = "",
        help: str = "",
        check: Callable[[str], str] | None = None,
        options: Callable[[str], Iterable[str]] | None = None,
        complete: Callable[[str], str] | None = None,
        takes_option: bool = False,
        live: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._help = help
        self._check = check
        self._options = options
        self._complete = complete or (lambda option: option)
        self._takes_option = takes_option
        self._live = live

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield Input(value=self._value, compact=True, select_on_focus=False, id="ask-input")
            yield Static(classes="dialog-problem", id="ask-problem")
            if self._options is not None:
                yield OptionList(compact=True, id="ask-options")
            yield Static(Content(self._help), classes="dialog-help")

    def on_mount(self) -> None:
        self.query_one("#ask-problem").display = False
        self.query_one("#ask-input").focus()
        self._list_options(self._value)

    def _list_options(self, text: str) -> None:
        if self._options is None:
            return
        listed = self.query_one("#ask-options", OptionList)
        options = [Option(Content(option), id=option) for option in islice(self._options(text), MAX_OPTIONS)]
        listed.set_options(options)
        listed.display = bool(options)
        listed.highlighted = 0 if options else None

    def _show_problem(self, problem: str) -> None:
        shown = self.query_one("#ask-problem", Static)
        shown.update(Content(problem))
        shown.display = bool(problem)

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        self._show_problem("")
        self._list_options(event.value)
        if self._live is not None:
            self._live(event.value)

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        text = event.value
        option = self._highlighted()
        if option is not None and not self._takes_option and option != text.strip():
            self._fill(self._complete(option))
            return
        text = option if option is not None else text
        problem = self._check(text) if self._check is not None else ""
        if problem:
            self._show_problem(problem)
        else:
            self.dismiss(text)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        if self._takes_option:
            self.dismiss(event.option.id)
        elif event.option.id is not None:
            self._fill(self._complete(event.option.id))

    def _highlighted(self) -> str | None:
        if self._options is None:
            return None
        listed = self.query_one("#ask-options", OptionList)
        return None if listed.highlighted is None else listed.get_option_at_index(listed.highlighted).id

    def _fill(self, text: str) -> None:
        field = self.query_one("#ask-input", Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    def action_list(self, by: int) -> None:
        """Move through the suggestions; the focus stays in the text."""
        if self._options is not None:
            listed = self.query_one("#ask-options", OptionList)
            (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def action_complete(self) -> None:
        """Use the marked suggestion, or the first."""
        if self._options is not None:
            listed = self.query_one("#ask-options", OptionList)
            option = self._highlighted() or (listed.get_option_at_index(0).id if listed.option_count else None)
            if option is not None:
                self._fill(self._complete(option))

    def action_cancel(self) -> None:
        self.dismiss(None)


class AskValues(ModalScreen["Mapping[str, str] | None"]):
    """Ask for a few values, each with its help. `check` returns the mistake in them, or an empty text."""

    BINDINGS: ClassVar[list[BindingType]] = ESCAPE

    def __init__(self, title: str, keys: Mapping[str, str], check: Callable[[Mapping[str, str]], str]) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            for key, help in self._keys.items():
                yield Static(Content.assemble((key, "bold"), f"  {help}"), classes="dialog-label")
                yield Input(compact=True)
            yield Static(classes="dialog-problem")
            yield Static("tab or enter goes to the next value, enter on the last adds the layer", classes="dialog-help")

    def on_mount(self) -> None:
        self.query_one(".dialog-problem").display = False
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go to the next empty value; take the values once there is none."""
        fields = list(self.query(Input))
        empty = next((field for field in fields if not field.value.strip()), None)
        if empty is not None:
            empty.focus()
            return
        values = {key: field.value.strip() for key, field in zip(self._keys, fields)}
        problem = self._check(values)
        if not problem:
            self.dismiss(values)
        shown = self.query_one(".dialog-problem", Static)
        shown.update(Content(problem))
        shown.display = bool(problem)

    def action_cancel(self) -> None:
        self.dismiss(None)


class Choose(ModalScreen["str | None"]):
    """Ask for one of a few answers."""

    BINDINGS: ClassVar[list[BindingType]] = ESCAPE

    def __init__(self, title: str, text: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield Static(Content(self._text), classes="dialog-help")
            yield OptionList(*(Option(Content(label), id=name) for name, label in self._answers), compact=True)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_cancel(self) -> None:
        self.dismiss(None)


class ChooseMany(ModalScreen["list[str] | None"]):
    """Ask for some of many answers; the chosen ones stay in the order of the list."""

    BINDINGS: ClassVar[list[BindingType]] = [*ESCAPE, Binding("enter", "take", "Take", priority=True)]

    def __init__(self, title: str, answers: Sequence[tuple[str, str]], chosen: Iterable[str]) -> None:
        super().__init__()
        self._title = title
        self._answers = answers
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        selections = [Selection(Content(label), name, name in self._chosen) for name, label in self._answers]
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield SelectionList[str](*selections, compact=True)
            yield Static("space chooses, enter accepts the choice, escape cancels it", classes="dialog-help")

    def action_take(self) -> None:
        chosen = set(self.query_one(SelectionList).selected)
        self.dismiss([name for name, _ in self._answers if name in chosen])

    def action_cancel(self) -> None:
        self.dismiss(None)


class Help(ModalScreen[None]):
    """All keys, by purpose."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "close", "Close")]

    def __init__(self, groups: HelpGroups) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog -wide"):
            yield Static()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.call_after_refresh(self._fill)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        self.query_one(Static).update(help_text(self._groups, max(width - 1, 40)))

    def action_close(self) -> None:
        self.dismiss(None)


def key_text(keys: str) -> str:
    """The keys of an action as a keyboard shows them.

    >>> key_text("question_mark,f1"), key_text("ctrl+s")
    ('? f1', 'ctrl+s')
    """
    names = {"question_mark": "?", "slash": "/", "plus": "+", "minus": "-", "equals_sign": "="}
    return " ".join(names.get(key, key) for key in keys.split(","))


def help_text(groups: HelpGroups, width: int) -> Content:
    """The page of the keys, wrapped to a width."""
    parts: list[Content] = []
    for heading, actions in groups.items():
        parts.append(Content.styled(heading, "bold $text-primary"))
        parts += [_line(key_text(keys), f"{title}: {help}", width) for keys, title, help in actions]
        parts.append(Content())
    parts.append(Content.styled("Everywhere", "bold $text-primary"))
    parts += [_line(keys, text, width) for keys, text in OTHER_KEYS.items()]
    signs = "Beside a row: + added, ~ changed, · only its figures differ; ✗ an error, ! a finding of a rule."
    parts += [Content(), Content.styled(signs, "$foreground-muted")]
    return Content("\n").join(parts)


def _line(keys: str, text: str, width: int) -> Content:
    lead = f"  {keys:<{KEY_COLUMNS}}"
    return Content.assemble((lead, "bold"), ("\n" + " " * len(lead)).join(wrap(text, max(width - len(lead), 20))))
