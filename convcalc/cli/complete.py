"""Shell completion of targets, variants, layer names and types."""

from __future__ import annotations

from collections.abc import Iterable

import click


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Shipped names, variants of the file typed so far, and spec files."""
    from click.shell_completion import CompletionItem

    from convcalc.targets import names
    from convcalc.text.files import SUFFIXES

    network, hash_sign, layer = incomplete.partition("#")
    if hash_sign:
        return [CompletionItem(f"{network}#{name}") for name in _layers(network) if name.startswith(layer)]
    file, at, _ = incomplete.partition("@")
    if at and file.endswith(SUFFIXES):
        return [CompletionItem(f"{file}@{name}") for name in _variants(file) if f"{file}@{name}".startswith(incomplete)]
    found: list[object] = [CompletionItem(name) for name in names.short_names() if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


def _variants(file: str) -> list[str]:
    from convcalc.errors import ConvcalcError
    from convcalc.language.parse import parse
    from convcalc.text.files import read_file

    try:
        return list(parse(read_file(file))[0].variants)
    except ConvcalcError:
        return []


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """The layers of the target that stands before it."""
    from click.shell_completion import CompletionItem

    targets = ctx.params.get("targets") or [ctx.params.get("target")]
    return [CompletionItem(name) for name in _layers(str(targets[0])) if name.startswith(incomplete)]


def _layers(target: str) -> list[str]:
    from convcalc.api import load
    from convcalc.errors import ConvcalcError

    try:
        return [node.name for node in load(target).nodes]
    except ConvcalcError:
        return []


def complete_type(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Layer types."""
    from click.shell_completion import CompletionItem

    from convcalc.layers import names

    return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Lint rules."""
    from click.shell_completion import CompletionItem

    from convcalc.lint.rules import RULES

    return [CompletionItem(name) for name in RULES if name.startswith(incomplete)]


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Lint rules, one or after each comma."""
    from convcalc.lint.rules import RULES

    return _after_comma(RULES, incomplete)


def complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Column names, one or after each comma."""
    from convcalc.report.columns import COLUMNS

    return _after_comma(COLUMNS, incomplete)


def _after_comma(names: Iterable[str], incomplete: str) -> list[object]:
    from click.shell_completion import CompletionItem

    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(last)]
