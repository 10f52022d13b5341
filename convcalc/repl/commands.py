"""The table of commands: the usage of each, what it does, and the function that does it."""

from __future__ import annotations

import textwrap

from convcalc.render.style import Style
from convcalc.repl import edit_commands as edit
from convcalc.repl import file_commands as file
from convcalc.repl import look_commands as look
from convcalc.repl.arguments import Arguments
from convcalc.repl.repl import Command, Shell
from convcalc.repl.sweep_command import sweep

PAGE_COLUMNS = 80
SWEEP_DETAILS = (
    "PLACE is LAYER.KEY, a param, input, input.height or variant. Only this layer changes, or those that a pattern with"
    " * matches. Without values it tries the usual ones of the key. Values: 3 5 7, or 3,5,7, or 16..128:16 with both"
    " ends, or 16..256*2; lists in [ ]; quote one with spaces. Several PLACE=VALUES give every combination, as"
    " `convcalc sweep` does; a,b=1/2,3/4 moves two keys together. --keep-size: pad a layer of another kernel or"
    " dilation so that its output keeps its size. --where: only networks that meet a condition, such as"
    " 'params < 5M and field >= 100'. --sort: the smallest first, or with -FIGURE the largest; --top: the first N."
    " --pareto: networks that no other one beats in all of these figures. --sample: only N of the combinations."
)


def _help(shell: Shell, arguments: Arguments) -> int:
    name = arguments.take_optional()
    arguments.end()
    shell.output.write(page(shell.command(name), shell.output.style) if name else overview())
    return 0


_GROUPS: dict[str, list[Command]] = {
    "Look": [
        Command("show [LAYER...] [--depth N] [--columns NAME,NAME]", "The table of `count`, or some of its rows.",
                look.show, ("show", "show conv1 layer1", "show --depth 1"), "A block's name shows its layers."),
        Command("why LAYER", "The worked derivation of a layer's figures.", look.why, ("why conv1",)),
        Command("field LAYER [Y,X]", "The pixels that a unit sees; without Y,X the central unit.",
                look.field, ("field conv2", "field conv2 0,0")),
        Command("compare", "Shared, unshared and fully connected side by side.", look.compare, ("compare",)),
        Command("keys LAYER", "The keys of an entry, with their values, defaults and meanings.",
                look.keys, ("keys conv1",)),
        Command("sweep PLACE [VALUE...] | PLACE=VALUES... [--keep-size] [--where CONDITION] [--sort FIGURE]"
                " [--top N] [--pareto FIGURES] [--sample N]",
                "The totals for several values of one key, or of several keys; the text does not change.", sweep,
                ("sweep conv1.kernel_size", "sweep conv1.kernel_size 3 5 7 --keep-size",
                 "sweep conv*.out_channels 16..128:16", "sweep width 16..256*2", "sweep input 3x192x192 3x224x224",
                 "sweep input.size 128..256:32", "sweep width=16,32 conv1.stride=1,2",
                 "sweep width=16..128:16 --where 'params < 5M' --sort -macs --top 5"), SWEEP_DETAILS),
        Command("check", "The problems of the spec, and the findings of the linter.", look.check, ("check",)),
    ],
    "Edit": [
        Command("set PLACE VALUE [--origin] [--keep-size]", "Set a key.", edit.set_value,
                ("set conv1.kernel_size 7", "set conv1.sharing none", "set input 3x64x64", "set params.width 16",
                 "set conv1.out_channels =2 * width", "set conv1.out_channels 32 --origin"),
                "PLACE is LAYER.KEY, params.NAME or input. Write a value as in the file, lists in [ ]; quote one with"
                " quotes. An entry of a block is edited in its definition, for every use of the block."
                " --origin: if the key is written as =width, set the value of width."
                " --keep-size: with a kernel or dilation set the padding that keeps the size of the output."),
        Command("unset LAYER.KEY", "Remove a key, so that its default applies.", edit.unset, ("unset conv1.bias",)),
        Command("add TYPE [KEY=VALUE...] [after|before LAYER | into BLOCK | first]",
                "Add an entry; without a place it goes to the end.", edit.add,
                ("add conv2d name=conv3 out_channels=16 kernel_size=3 after relu_2", "add relu before pool1",
                 "add dropout p=0.5 first"),
                "Quote a value with spaces: padding='[1, 1]'. `into` and `first` put the entry at the start."),
        Command("remove LAYER", "Remove an entry.", edit.remove, ("remove relu_1",)),
        Command("move LAYER up|down|N", "Move an entry within its list, down by N places.", edit.move,
                ("move relu_1 up", "move relu_1 2", "move relu_1 -1")),
        Command("rename LAYER NAME", "Rename an entry, with every reference to it.", edit.rename,
                ("rename conv1 stem",)),
        Command("undo [N]", "Undo the last edit, or the last N.", edit.undo, ("undo", "undo 3")),
        Command("redo [N]", "Redo edits that were undone.", edit.redo, ("redo",)),
        Command("history", "The edits so far; undone edits are marked.", look.history, ("history",)),
    ],
    "Compare": [
        Command("variant [NAME]", "Show a variant; `none` for the file itself; without a name, list the variants.",
                look.variant, ("variant", "variant small", "variant none")),
        Command("pin [NAME]", "Name the present state, to compare with it later.", look.pin, ("pin", "pin wide")),
        Command("pins", "The pinned states.", look.pins, ("pins",)),
        Command("unpin NAME", "Remove a pin.", look.unpin, ("unpin wide",)),
        Command("diff [PIN] [--all]", "The difference from the saved file, or from a pin.", look.diff,
                ("diff", "diff wide"), "--all: also a line for each layer that differs only in figures."),
    ],
    "Files": [
        Command("save [FILE] [--overwrite]", "Write the spec to its file, or to FILE from now on.",
                file.save, ("save", "save wider.yaml"),
                "A file that exists already, or that changed on disk, is replaced only with --overwrite."),
        Command("yaml [--diff]", "The text of the spec, or its difference from the saved file.", file.yaml,
                ("yaml", "yaml --diff")),
        Command(f"export {'|'.join(file.FORMATS)} [FILE]", "The table or the report in another format.", file.export,
                ("export markdown", "export json figures.json")),
        Command("help [COMMAND]", "This overview, or the page of a command.", _help, ("help set",)),
        Command("quit", "Leave; a prompt asks about unsaved changes first.", file.quit, ("quit",)),
    ],
}  # fmt: skip
COMMANDS = {command.name: command for commands in _GROUPS.values() for command in commands}


def overview() -> str:
    """All commands, each with one sentence."""
    width = max(map(len, COMMANDS))
    lines = []
    for title, commands in _GROUPS.items():
        lines += [title, *(f"  {command.name:<{width}}  {command.help}" for command in commands), ""]
    return "\n".join([*lines, "`help COMMAND` shows its usage and examples."]) + "\n"


def page(command: Command, style: Style) -> str:
    """Usage, meaning and examples of one command."""
    lines = [style(command.usage, "title"), "", f"  {command.help}"]
    if command.details:
        lines += ["", textwrap.fill(command.details, PAGE_COLUMNS, initial_indent="  ", subsequent_indent="  ")]
    lines += ["", "For example:", *(f"  {example}" for example in command.examples)]
    return "\n".join(lines) + "\n"
