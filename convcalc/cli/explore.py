"""`convcalc explore`: the interactive screen."""

from __future__ import annotations

import sys
from typing import Any

import click

from convcalc import garbage
from convcalc.cli.options import find_target, spec_options, target_argument
from convcalc.editor import open_session
from convcalc.errors import UsageError

EPILOG = """\b
Examples:
  convcalc explore lenet
  convcalc explore net.yaml@small
  convcalc explore net.yaml --set width=0.5 --input 3x64x64
"""

BUG = 3


@click.command("explore", epilog=EPILOG)
@target_argument()
@spec_options
def command(target: str, set_: tuple[str, ...], dtype: str, batch: int, **changes: Any) -> int:
    """The interactive screen: look at a network, edit it, and see how its figures change.

    Nothing is written before you save; a shipped spec is copied. --set, --input and --sharing do not change the text.
    `?` on the screen lists its keys. The command needs Textual, the extra `explore`;
    without it, the command says how to install it.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "explore needs a terminal", f"`convcalc count {target}` prints the table, `convcalc shell` takes commands"
        )
    try:
        import textual  # noqa: F401 - an option: an extra that may not be installed
    except ImportError:
        from convcalc.extras import how_to_add  # only for this error

        raise UsageError("explore needs Textual", f"install it with: {how_to_add('explore')}") from None
    from convcalc.tui.app import ExploreApp  # Textual is an extra

    found, view = find_target(target, set_, **changes)
    session = open_session(found, dtype=dtype, batch=batch, view=view)
    garbage.keep_what_is_alive()
    app = ExploreApp(session)
    app.run()
    return BUG if app.return_code == 1 else app.return_code or 0  # Textual has shown the error
