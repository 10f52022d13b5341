"""Shell completion of targets, variants, layer names and types."""

from __future__ import annotations

import click


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Shipped names, variants of the file typed so far, and spec files."""
    from click.shell_completion import CompletionItem

    from convcalc.spec.targets import SUFFIXES, shipped_targets

    file, at, _ = incomplete.partition("@")
    if at and file.endswith(SUFFIXES):
        return [CompletionItem(f"{file}@{name}") for name in _variants(file) if f"{file}@{name}".startswith(incomplete)]
    names = sorted({part for target in shipped_targets() for part in (target, target.rpartition("@")[2])})
    found: list[object] = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


def _variants(file: str) -> list[str]:
    from convcalc.errors import ConvcalcError
    from convcalc.spec.parse import parse
    from convcalc.spec.targets import read_file

    try:
        return list(parse(read_file(file))[0].variants)
    except ConvcalcError:
        return []


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """The layers of the target that stands before it."""
    from click.shell_completion import CompletionItem

    from convcalc.api import load
    from convcalc.errors import ConvcalcError

    try:
        graph = load(str(ctx.params.get("target")))
    except ConvcalcError:
        return []
    return [CompletionItem(node.name) for node in graph.nodes if node.name.startswith(incomplete)]


def complete_type(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[object]:
    """Layer types."""
    from click.shell_completion import CompletionItem

    from convcalc.layers import names

    return [CompletionItem(name) for name in names() if name.startswith(incomplete)]
