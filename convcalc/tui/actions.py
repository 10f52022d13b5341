"""Every action of the screen: its keys, texts and function. The footer, the help and the palette show this table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import NamedTuple

from textual.binding import Binding

from convcalc.tui import edit_actions, file_actions, text_actions, view_actions
from convcalc.tui.dialogs import Help
from convcalc.tui.main_screen import MainScreen

Function = Callable[[MainScreen], Awaitable[None] | None]


class Action(NamedTuple):
    """An action on the main screen. `footer` is its word in the footer; without one it is not shown there."""

    keys: str
    function: Function
    title: str
    help: str
    footer: str = ""

    def binding(self, name: str) -> Binding:
        """The keys of the action, which the app performs by its name."""
        shown = self.footer or self.title
        return Binding(self.keys, f"perform('{name}')", shown, show=bool(self.footer), tooltip=self.help)

    async def perform(self, main: MainScreen) -> None:
        """Run the function, and wait until it ends."""
        result = self.function(main)
        if isawaitable(result):
            await result


def show_help(main: MainScreen) -> None:
    main.app.push_screen(Help({title: [(each.keys, each.title, each.help) for each in group.values()]
                               for title, group in GROUPS.items()}))  # fmt: skip


def _tab(name: str) -> Function:
    return lambda main: main.open_tab(name)


_view, _edit, _file = view_actions, edit_actions, file_actions
GROUPS: dict[str, dict[str, Action]] = {
    "Look": {
        "wiring": Action("r", partial(_view.change_wiring, by=1), "Next wiring",
                         "as written, shared, unshared, fully connected, side by side", "Wiring"),
        "wiring_before": Action("R", partial(_view.change_wiring, by=-1), "Wiring before",
                                "the same in reverse order"),
        "fold": Action("space", _view.fold, "Fold or unfold", "the block under the cursor", "Fold"),
        "unfold_all": Action("plus,equals_sign", partial(_view.fold_all, unfold=True), "Unfold everything",
                             "every layer of every block"),
        "fold_all": Action("minus", partial(_view.fold_all, unfold=False), "Fold everything",
                           "one line for each block"),
        "filter": Action("slash", _view.filter_rows, "Filter",
                         "the rows whose name or type contains a text, or matches conv*", "Filter"),
        "jump": Action("g", _view.jump, "Go to a layer", "by its name"),
        "columns": Action("c", _view.choose_columns, "Columns", "choose the figures that are shown"),
        "sort": Action("o", _view.change_sort, "Sort", "by params, by macs, or in the order of the network"),
        "why": Action("1", _tab("why"), "Derivation", "how each figure of the layer is computed"),
        "field": Action("2", _tab("field"), "Receptive field", "drawn on the input; arrow keys move the unit"),
        "fields": Action("3", _tab("edit"), "Fields", "the parameters of the entry, or of the network"),
        "sweep": Action("4", _tab("sweep"), "Sweep", "vary one parameter of the layer"),
        "compare": Action("5", _tab("compare"), "Compare", "with the saved file and with pins"),
        "problems": Action("6", _tab("problems"), "Problems", "errors, and findings of the lint rules"),
    },
    "Edit": {
        "edit": Action("enter,e", _tab("edit"), "Edit the entry", "its parameters in fields; escape goes back",
                       "Edit"),
        "add_after": Action("a", partial(_edit.add, after=True), "Add after", "a layer after the selected one", "Add"),
        "add_before": Action("A", partial(_edit.add, after=False), "Add before", "a layer before the selected one"),
        "remove": Action("x,delete", _edit.remove, "Remove", "the selected entry"),
        "move_down": Action("J,alt+down", partial(_edit.move, by=1), "Move down",
                            "the selected entry, past the next one"),
        "move_up": Action("K,alt+up", partial(_edit.move, by=-1), "Move up", "the selected entry, past the one before"),
        "rename": Action("n", _edit.rename, "Rename", "the entry, and every reference to it"),
        "sharing": Action("w", _edit.switch_sharing, "Share weights or not", "switch `sharing` between full and none"),
        "keep_size": Action("z", _edit.switch_keep_size, "Keep sizes",
                            "padding follows a kernel or dilation, so that the output keeps its size; or not"),
        "network": Action("i", _edit.edit_network, "Input, params, variant", "the fields of the whole network"),
        "undo": Action("u,ctrl+z", _edit.undo, "Undo", "the last edit; without limit", "Undo"),
        "redo": Action("U,ctrl+y", _edit.redo, "Redo", "the edit that was undone last"),
        "pin": Action("p", _edit.pin, "Pin", "show the present figures as a column", "Pin"),
        "unpin": Action("P", _edit.unpin, "Unpin", "remove the last pin"),
        "against": Action("b", _edit.change_against, "Compare against", "the saved file, or the next pin"),
    },
    "Files": {
        "save": Action("ctrl+s", _file.save, "Save", "the text to its file", "Save"),
        "reload": Action("ctrl+r,f5", text_actions.reload, "Read again", "the file, after another program changed it"),
        "editor": Action("E", text_actions.open_editor, "Open in your editor",
                         "$VISUAL or $EDITOR, at the entry or at the first error"),
        "save_as": Action("S", _file.save_as, "Save as", "under another name"),
        "copy_row": Action("y", _file.copy_row, "Copy the row", "as Markdown"),
        "copy_table": Action("Y", _file.copy_table, "Copy the table", "as Markdown"),
        "export": Action("ctrl+e", _file.export, "Export the screen", "as an SVG picture"),
        "theme": Action("t", _view.change_theme, "Light or dark", "switch the theme"),
        "help": Action("question_mark,f1", show_help, "Help", "all keys", "Help"),
        "quit": Action("q", _file.quit, "Quit", "ask first about unsaved changes", "Quit"),
    },
}  # fmt: skip
ACTIONS = {name: action for group in GROUPS.values() for name, action in group.items()}
