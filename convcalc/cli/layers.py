"""convcalc layers"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from convcalc.cli.complete import complete_type

if TYPE_CHECKING:
    from convcalc.manual.pages import Manual


@click.command("layers")
@click.argument("type_", metavar="TYPE", required=False, shell_complete=complete_type)
def command(type_: str | None) -> None:
    """The layer types by family, or the manual page of one.

    TYPE may also be a container (sequential, residual, parallel), `custom` (types that a file defines by formulas), or
    a key that every entry takes (name, from, repeat, rows, when, trainable, tied).
    """
    from convcalc.cli.terminal import style_for, width_of
    from convcalc.render.manual import catalogue_text, manual_text

    style, width = style_for(sys.stdout), width_of(sys.stdout)
    if type_ is None:
        from convcalc.manual import words
        from convcalc.manual.pages import Manual, families

        groups = {
            "Containers": words.CONTAINERS,
            "Types of the file's own": words.SECTIONS,
            "Keys of every entry": words.ENTRY_KEYS,
        }
        pages = {title: [Manual(word, text) for word, text in group.items()] for title, group in groups.items()}
        closing = "`convcalc layers TYPE` prints the page of one."
        sys.stdout.write(catalogue_text({**families(), **pages}, closing, style, width))
    else:
        sys.stdout.write(manual_text(_page(type_), style, width))


def _page(word: str) -> Manual:
    from convcalc import layers
    from convcalc.errors import UsageError
    from convcalc.manual import words
    from convcalc.manual.pages import Manual, manual
    from convcalc.problems import nearest

    kind = layers.find(word)
    if kind is not None:
        return manual(kind)
    text = words.page(word)
    if text is None:
        known = [*layers.names(), *words.CONTAINERS, *words.SECTIONS, *words.ENTRY_KEYS]
        raise UsageError(f"there is no layer type `{word}`", nearest(word, known) or "`convcalc layers` lists them")
    return Manual(word, text)
