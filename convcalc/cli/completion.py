"""`convcalc completion`: the script that completes commands in a shell, printed or installed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import click

from convcalc.cli.completion_scripts import SHELLS
from convcalc.cli.output import write
from convcalc.errors import UsageError
from convcalc.files import replace_file

EPILOG = """\b
Examples:
  convcalc completion --install
  convcalc completion zsh --install
  eval "$(convcalc completion bash)"      only for this session
"""
# Where bash-completion is, which loads the completions of a user. Without it bash loads none by itself.
BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/usr/local/etc/profile.d/bash_completion.sh",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
)
# Asks an interactive zsh, which reads the user's settings, for its folders of completions.
ASK_ZSH = 'print "convcalc:${+functions[compdef]}"; print -rl -- $fpath'
PATIENCE_SECONDS = 10


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(list(SHELLS)), required=False)
@click.option("--install", is_flag=True, help="Write the script where SHELL, by default the one of $SHELL, finds it.")
def command(shell: str | None, install: bool) -> None:
    """Print or install the script that completes commands, options, targets, layers and columns in SHELL.

    The script calls convcalc at each press of the tab key, so it is always up to date. Start a new shell after the
    installation.
    """
    if shell is None and not install:
        raise UsageError("completion needs a shell", f"give one of {', '.join(SHELLS)}, or --install")
    name = shell or _own_shell()
    if not install:
        write(SHELLS[name].source_template, None)
        return
    file, line = _PLACES[name]()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file((SHELLS[name].source_template,), str(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", f"convcalc completion {name} > FILE") from None
    write(f"wrote {file}\n", None)
    write(f"{line}\n" if line else f"Start a new {name} to use it.\n", None)


def _own_shell() -> str:
    """The user's shell. Raises UsageError for one that has no script here."""
    name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise UsageError(f"there is no completion for the shell `{name}`", f"name one of {', '.join(SHELLS)}")
    return name


def _home(variable: str, usual: str) -> Path:
    """The folder of a variable of the environment; by default one in the home directory."""
    given = os.environ.get(variable, "")
    return Path(given) if os.path.isabs(given) else Path.home() / usual


def _bash() -> tuple[Path, str]:
    folder = _home("BASH_COMPLETION_USER_DIR", "")
    if folder == Path.home():
        folder = _home("XDG_DATA_HOME", ".local/share") / "bash-completion"
    file = folder / "completions" / "convcalc"
    is_loaded = any(map(os.path.exists, BASH_COMPLETION))
    return file, "" if is_loaded else _line_to_add("~/.bashrc", file)


def _zsh() -> tuple[Path, str]:
    """A folder of $fpath that the user may write to; without one a file that .zshrc has to load."""
    folders, is_loaded = _zsh_folders()
    for folder in folders if is_loaded else ():
        if os.path.isdir(folder) and os.access(folder, os.W_OK):
            return Path(folder) / "_convcalc", ""
    file = _home("XDG_DATA_HOME", ".local/share") / "zsh" / "site-functions" / "_convcalc"
    return file, _line_to_add("${ZDOTDIR:-~}/.zshrc", file)


def _zsh_folders() -> tuple[list[str], bool]:
    """The folders of $fpath, and whether the completion of zsh is switched on."""
    try:
        asked = subprocess.run(  # noqa: S603 - the user's own shell
            ["zsh", "-i", "-c", ASK_ZSH],  # noqa: S607 - as the terminal finds it
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return [], False
    _, _, answer = asked.stdout.rpartition("convcalc:")
    is_loaded, *folders = answer.splitlines() or [""]
    return folders, is_loaded == "1"


def _fish() -> tuple[Path, str]:
    return _home("XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "convcalc.fish", ""


def _line_to_add(settings: str, file: Path) -> str:
    return f"Add this line to {settings}, and start a new shell:\n  source '{file}'"


_PLACES: dict[str, Callable[[], tuple[Path, str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
