"""`convcalc completion`: the script that completes commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from convcalc.cli.output import write

EPILOG = """\b
Install it:
  bash  convcalc completion bash > ~/.local/share/bash-completion/completions/convcalc
  zsh   convcalc completion zsh > "${fpath[1]}/_convcalc"
  fish  convcalc completion fish > ~/.config/fish/completions/convcalc.fish
\b
Or only for this session:
  eval "$(convcalc completion bash)"
"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands, options, targets, layers and types in SHELL.

    The script calls convcalc at each press of the tab key, so it is always up to date. Start a new shell after the
    installation.
    """
    from convcalc.cli.main import cli  # which imports this module when it is called

    classes: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
    completion = classes[shell](cli, {}, "convcalc", "_CONVCALC_COMPLETE")
    # Not source(): for bash it starts bash to find its version.
    write(completion.source_template % completion.source_vars(), None)
