"""The table of commands: how each is called, what it does, and the function that does it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.render.diagnostics import Style
from convcalc.repl import edits, files, views
from convcalc.repl.words import Arguments

if TYPE_CHECKING:
    from convcalc.repl.repl import Shell

PAGE = 80  # columns of the page of a command
Function = Callable[["Shell", Arguments], int]


class Command:
    """A command of the shell.

    `usage` is how it is called, its name first; `help` one sentence; `examples` whole lines; `details` what else is to
    be known. `function` gives the exit code that a script ends with: 0, 1 for a finding, 2 for a spec that is wrong.
    """

    __slots__ = ("details", "examples", "function", "help", "name", "usage")

    def __init__(self, usage: str, help: str, function: Function, examples: tuple[str, ...], details: str = "") -> None:
        self.name = usage.partition(" ")[0]
        self.usage = usage
        self.help = help
        self.function = function
        self.examples = examples
        self.details = details


def _help(shell: Shell, words: Arguments) -> int:
    name = words.maybe()
    words.end()
    shell.output.write(page(find(name), shell.output.style) if name else overview())
    return 0


_GROUPS: dict[str, list[Command]] = {
    "Look": [
        Command("show [LAYER...] [--depth N] [--columns NAME,NAME]", "The table that `count` prints, or rows of it.",
                views.show, ("show", "show conv1 layer1", "show --depth 1"), "A block's name shows its layers."),
        Command("why LAYER", "The worked derivation of a layer's figures.", views.why, ("why conv1",)),
        Command("field LAYER [Y,X]", "The pixels that a unit sees, the central one if not said.",
                views.field, ("field conv2", "field conv2 0,0")),
        Command("compare", "Shared, unshared and fully connected side by side.", views.compare, ("compare",)),
        Command("keys LAYER", "What can be set in an entry, with its values, defaults and meaning.",
                views.keys, ("keys conv1",)),
        Command("sweep LAYER.KEY [VALUE...]", "The totals for several values of one key; the text stays.",
                views.sweep, ("sweep conv1.kernel_size", "sweep conv1.kernel_size 3 5 7"),
                "Without values, those that are usual for the key. A value with spaces is quoted."),
        Command("check", "What is wrong with the spec, and what the linter finds.", views.check, ("check",)),
    ],
    "Edit": [
        Command("set PLACE VALUE [--origin]", "Give a key another value.", edits.set_value,
                ("set conv1.kernel_size 7", "set conv1.sharing none", "set input 3x64x64", "set params.width 16",
                 "set conv1.out_channels =2 * width", "set conv1.out_channels 32 --origin"),
                "PLACE is LAYER.KEY, params.NAME or input. A value is written as in the file, lists in [ ]; one that"
                " holds quotes is quoted. An entry of a block is edited in its definition, wherever that is used."
                " --origin: where a key is written as =width, the value of width is set."),
        Command("unset LAYER.KEY", "Take a key away, so that its default holds.", edits.unset, ("unset conv1.bias",)),
        Command("add TYPE [KEY=VALUE...] [after|before LAYER | into BLOCK | first]",
                "Add an entry, at the end if not said.", edits.add,
                ("add conv2d name=conv3 out_channels=16 kernel_size=3 after relu_2", "add relu before pool1",
                 "add dropout p=0.5 first"),
                "A value with spaces is quoted: padding='[1, 1]'. `into` and `first` put it at the start."),
        Command("remove LAYER", "Take an entry away.", edits.remove, ("remove relu_1",)),
        Command("move LAYER up|down|N", "Move an entry within its list, down by N places.", edits.move,
                ("move relu_1 up", "move relu_1 2", "move relu_1 -1")),
        Command("rename LAYER NAME", "Name an entry, there and wherever it is read.", edits.rename,
                ("rename conv1 stem",)),
        Command("undo [N]", "Take back the last edit, or the last N.", edits.undo, ("undo", "undo 3")),
        Command("redo [N]", "Make again what was taken back.", edits.redo, ("redo",)),
        Command("history", "The edits so far; those that were taken back are marked.", views.history, ("history",)),
    ],
    "Compare": [
        Command("variant [NAME]", "Look at a variant; `none` for the file itself; without a name the list.",
                views.variant, ("variant", "variant small", "variant none")),
        Command("pin [NAME]", "Name the present state, to compare with later.", views.pin, ("pin", "pin wide")),
        Command("pins", "The states that were named.", views.pins, ("pins",)),
        Command("unpin NAME", "Forget a state that was named.", views.unpin, ("unpin wide",)),
        Command("diff [PIN] [--all]", "What differs from the file as saved, or from a pin.", views.diff,
                ("diff", "diff wide"), "--all: a line for each layer of which only figures differ, too."),
    ],
    "Keep": [
        Command("save [FILE] [--overwrite]", "Write the spec to its file, or to another one that it then has.",
                files.save, ("save", "save wider.yaml"),
                "A file that is there already, or that changed on disk, is replaced with --overwrite only."),
        Command("yaml [--diff]", "The text of the spec, or how it differs from the file as saved.", files.yaml,
                ("yaml", "yaml --diff")),
        Command("export markdown|json|csv [FILE]", "The table or the report in another format.", files.export,
                ("export markdown", "export json figures.json")),
        Command("help [COMMAND]", "This overview, or all about a command.", _help, ("help set",)),
        Command("quit", "End; at a prompt unsaved changes are asked about.", files.quit, ("quit",)),
    ],
}  # fmt: skip
COMMANDS = {command.name: command for commands in _GROUPS.values() for command in commands}
SHORT = {"?": "help", "exit": "quit", "q": "quit"}


def find(name: str) -> Command:
    """The command of that name. Raises UsageError."""
    found = COMMANDS.get(SHORT.get(name, name))
    if found is None:
        raise UsageError(f"there is no command `{name}`", nearest(name, COMMANDS) or "`help` lists them")
    return found


def overview() -> str:
    """All commands, each with its sentence."""
    width = max(map(len, COMMANDS))
    lines = []
    for title, commands in _GROUPS.items():
        lines += [title, *(f"  {command.name:<{width}}  {command.help}" for command in commands), ""]
    return "\n".join([*lines, "`help COMMAND` tells how it is called."]) + "\n"


def page(command: Command, style: Style) -> str:
    """All about one command."""
    lines = [style(command.usage, "title"), "", f"  {command.help}"]
    if command.details:
        lines += ["", textwrap.fill(command.details, PAGE, initial_indent="  ", subsequent_indent="  ")]
    lines += ["", "For example:", *(f"  {example}" for example in command.examples)]
    return "\n".join(lines) + "\n"
