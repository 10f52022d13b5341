"""Every action of the screen: its keys, its words. The footer, the help and the palette are made of this table."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """An action of the app. `footer` is its word there, where it is shown."""

    keys: str
    action: str
    title: str
    help: str
    footer: str = ""

    def binding(self) -> Binding:
        return Binding(self.keys, self.action, self.footer or self.title, show=bool(self.footer), tooltip=self.help)


GROUPS: dict[str, list[Action]] = {
    "Look": [
        Action("r", "regime(1)", "Next way of wiring", "as written, shared, unshared, fully connected, side by side",
                "Regime"),
        Action("R", "regime(-1)", "Way of wiring before", "the same backwards"),
        Action("space", "fold", "Fold or unfold", "the block under the cursor", "Fold"),
        Action("plus,equals_sign", "fold_all(True)", "Unfold everything", "every layer of every block"),
        Action("minus", "fold_all(False)", "Fold everything", "one line for each block"),
        Action("slash", "filter", "Filter", "rows whose name or type contains a text, or matches conv*", "Filter"),
        Action("g", "jump", "Go to a layer", "by its name"),
        Action("c", "columns", "Columns", "choose the figures that are shown"),
        Action("o", "sort", "Sort", "by params, by macs, or as the network runs"),
        Action("1", "tab('why')", "Derivation", "how each figure of the layer comes about"),
        Action("2", "tab('field')", "Receptive field", "drawn on the input; arrow keys move the unit"),
        Action("3", "tab('edit')", "Fields", "the parameters of the entry, or of the network"),
        Action("4", "tab('sweep')", "Sweep", "one parameter of the layer varied"),
        Action("5", "tab('compare')", "Compare", "with the saved file and with pins"),
        Action("6", "tab('problems')", "Problems", "errors and what the lint rules find"),
    ],
    "Edit": [
        Action("enter,e", "edit", "Edit the entry", "its parameters in fields; escape goes back", "Edit"),
        Action("a", "add(True)", "Add after", "a layer after the selected one", "Add"),
        Action("A", "add(False)", "Add before", "a layer before the selected one"),
        Action("x,delete", "remove", "Remove", "the selected entry"),
        Action("J,alt+down", "shift(1)", "Move down", "the selected entry, past the next one"),
        Action("K,alt+up", "shift(-1)", "Move up", "the selected entry, past the one before"),
        Action("n", "rename", "Rename", "the entry, and every reference to it"),
        Action("w", "sharing", "Share weights or not", "switch `sharing` between full and none"),
        Action("i", "input", "Input, params, variant", "the fields of the whole network"),
        Action("u,ctrl+z", "undo", "Undo", "the last edit; without limit", "Undo"),
        Action("U,ctrl+y", "redo", "Redo", "the edit that was undone last"),
        Action("p", "pin", "Pin", "keep the present figures as a column", "Pin"),
        Action("P", "unpin", "Unpin", "drop the last pin"),
        Action("b", "against", "Compare against", "the saved file, or the next pin"),
    ],
    "Files": [
        Action("ctrl+s", "save", "Save", "the text to its file", "Save"),
        Action("S", "save_as", "Save as", "under another name"),
        Action("y", "copy_row", "Copy the row", "as Markdown"),
        Action("Y", "copy_table", "Copy the table", "as Markdown"),
        Action("ctrl+e", "export", "Export the screen", "as an SVG picture"),
        Action("t", "theme", "Light or dark", "switch the theme"),
        Action("question_mark,f1", "help", "Help", "all keys", "Help"),
        Action("q", "quit", "Quit", "asks where there are unsaved changes", "Quit"),
    ],
}  # fmt: skip
COMMANDS = [command for group in GROUPS.values() for command in group]
# Beside these the table and the fields have keys of their own.
OTHER_KEYS = {
    "↑ ↓ j k": "the row before, the next one",
    "← → h l": "fold or unfold, to the block around",
    "tab": "between the table and what is beside it",
    "↑ ↓ in a field": "step a number, or through the choices",
    "escape": "back to the table",
    "ctrl+p": "the palette: every action by its name",
}
