"""A network of one layer from the command line, and its problems shown there."""

from __future__ import annotations

import re

from convcalc.api import loads
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import parse_input_shape
from convcalc.language.spec import ENTRY_KEYS
from convcalc.layers.base import LayerType
from convcalc.network.graph import Graph
from convcalc.problems import Problem, Where
from convcalc.text.source import YamlMapping

OPTION = "--input "
# The keys of every entry that have a meaning for a single layer.
ALLOWED = ("name", "from", "trainable")
# The number of lines before the first parameter, and the indent of parameters.
HEAD = ("input: [1]", "layers:", "  - {kind}:")
INDENT = " " * 6


class CommandLine(Where):
    """A place in the command line: it has a column, and no file to be opened."""

    def __str__(self) -> str:
        return "command line"


def load_layer(kind: LayerType, given: dict[str, str], input: str) -> Graph:
    """The graph of a layer whose parameters are given as YAML text; `from` reads all inputs unless it is given.

    Raises SpecError, whose problems point into the command line, or UsageError.
    """
    refused = [key for key in given if key in ENTRY_KEYS and key not in ALLOWED]
    if refused:
        raise UsageError(f"`{refused[0]}` has no meaning for a layer by itself", "write it in a spec file")
    shape = parse_input_shape(input)
    written = dict(given)  # in the order of the command line's words, so that lines tell words
    if isinstance(shape, YamlMapping):
        written.setdefault("from", f"[{', '.join(shape.pairs)}]")
    lines = ["\n".join(HEAD).format(kind=kind.name), *(f"{INDENT}{name}: {value}" for name, value in written.items())]
    try:
        return loads("\n".join(lines) + "\n", input=input, name="")
    except SpecError as error:
        raise SpecError([_on_command_line(problem, kind, given, input) for problem in error.problems]) from None


def _on_command_line(problem: Problem, kind: LayerType, given: dict[str, str], input: str) -> Problem:
    """The problem with its place in what the user typed."""
    excerpt, column = _place(problem.where, kind, given, input)
    where = CommandLine("", 1, column)
    return Problem(
        problem.rule, problem.message, where, subject=kind.name, help=_as_typed(problem.help), excerpt=excerpt
    )


def _as_typed(help: str) -> str:
    """A help with its keys and its input as they are typed here, not as in a file.

    >>> _as_typed("write `kernel_size: [3, 3]`"), _as_typed("write `input: [3, 32, 32]`")
    ('write `kernel_size=[3, 3]`', 'write `--input 3x32x32`')
    """
    help = re.sub(r"`input: \[([\d, ]+)\]`", lambda found: f"`--input {found[1].replace(', ', 'x')}`", help)
    return re.sub(r"`(\w+): ([^`{]*)`", r"`\1=\2`", help)


def _place(where: Where, kind: LayerType, given: dict[str, str], input: str) -> tuple[str, int]:
    """The word of the command line that a place in the text is, and the column in it."""
    parameter = where.line - len(HEAD) - 1
    if 0 <= parameter < len(given):
        name, value = list(given.items())[parameter]
        column = where.column - len(INDENT)
        # The text has a colon and a space where the word has an equals sign.
        return f"{name}={value}", column - (column > len(name))
    if where.line == len(HEAD):
        return kind.name, 1
    return f"{OPTION}{input}", len(OPTION) + 1
