"""A page for each command: what `convcalc COMMAND --help` prints."""

from __future__ import annotations

from collections.abc import Iterator

import click

from convcalc.cli.main import COMMANDS, cli
from website.page import Page, code, joined, table

FOLDER = "reference/commands"
WIDTH = 100


def pages() -> Iterator[Page]:
    rows = [(f"[`{name}`]({name}.md)", words) for name, words in COMMANDS.items()]
    opening = "Each page is what `convcalc COMMAND --help` prints. `convcalc --help` lists the commands."
    yield Page(f"{FOLDER}/index.md", joined(["# Commands", opening, table(("command", "what it does"), rows)]))
    for name, words in COMMANDS.items():
        yield Page(f"{FOLDER}/{name}.md", joined([f"# convcalc {name}", words, code(help_text(name))]), name)


def help_text(name: str) -> str:
    """What `convcalc NAME --help` prints in a terminal of a fixed width."""
    parent = click.Context(cli, info_name="convcalc", **cli.context_settings)
    command = cli.get_command(parent, name)
    assert command is not None  # COMMANDS names existing commands only
    context = click.Context(command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    return command.get_help(context)
