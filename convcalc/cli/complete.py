"""Shell completion of targets, variants, layer names and types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from convcalc import layers
from convcalc.api import load
from convcalc.errors import ConvcalcError
from convcalc.language.parse import parse
from convcalc.targets import names
from convcalc.text.files import SUFFIXES, read_file

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shipped names, variants of the file typed so far, and spec files."""
    from click.shell_completion import CompletionItem  # needed only for completion

    network, hash_sign, layer = incomplete.partition("#")
    file, at, _ = incomplete.partition("@")
    if hash_sign:
        found = [f"{network}#{name}" for name in _layers(network) if name.startswith(layer)]
    elif at and file.endswith(SUFFIXES):
        found = [f"{file}@{name}" for name in _variants(file) if f"{file}@{name}".startswith(incomplete)]
    else:
        found = [name for name in names.short_names() if name.startswith(incomplete)]
        return [*map(CompletionItem, found), CompletionItem(incomplete, type="file")]
    return list(map(CompletionItem, found))


def _variants(file: str) -> list[str]:
    try:
        return list(parse(read_file(file))[0].variants)
    except ConvcalcError:
        return []


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The layers of the target before it."""
    targets = ctx.params.get("targets") or [ctx.params.get("target")]
    return [name for name in _layers(str(targets[0])) if name.startswith(incomplete)]


def _layers(target: str) -> list[str]:
    try:
        return [node.name for node in load(target).nodes]
    except ConvcalcError:
        return []


def complete_type(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Layer types; where none begins like this, those that other libraries call so."""
    found = [name for name in layers.names() if name.startswith(incomplete)]
    if found:
        return found
    from convcalc.manual.foreign import types_for  # only a foreign word needs it

    return list(types_for(incomplete))


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Lint rules."""
    from convcalc.lint.rules import RULES  # only `check` and `rules` need the linter

    return [name for name in RULES if name.startswith(incomplete)]


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Lint rules, one or after each comma."""
    from convcalc.lint.rules import RULES  # as above

    return _after_comma(RULES, incomplete)


def complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Column names, one or after each comma."""
    from convcalc.report.columns import COLUMNS  # only a table has columns

    return _after_comma(COLUMNS, incomplete)


def _after_comma(names: Iterable[str], incomplete: str) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in names if name.startswith(last)]
