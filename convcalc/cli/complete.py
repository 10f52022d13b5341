"""Shell completion of targets, layers, settings, types, rules and columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from convcalc import layers
from convcalc.api import load
from convcalc.errors import ConvcalcError
from convcalc.importers import PYTORCH
from convcalc.language.parse import parse
from convcalc.targets import names
from convcalc.targets.find import find
from convcalc.text.files import SUFFIXES, read_file

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from convcalc.layers.base import LayerType
    from convcalc.network.graph import Graph


def _file(incomplete: str) -> CompletionItem[str]:
    """The sign for the shell to complete files."""
    from click.shell_completion import CompletionItem  # needed only for completion

    return CompletionItem(incomplete, type="file")


def _items(pairs: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """The texts that start as the incomplete one does, with their help."""
    from click.shell_completion import CompletionItem  # as above

    return [CompletionItem(text, help=help) for text, help in pairs if text.startswith(incomplete)]


def complete_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Files."""
    return [_file(incomplete)]


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Shipped names and files; after @ the variants of a file or name, and after # the layers of a target."""
    target, hash_sign, _ = incomplete.partition("#")
    file, at, _ = incomplete.partition("@")
    if hash_sign:
        return _items(((f"{target}#{name}", type) for name, type in _layers(target)), incomplete)
    if not at:
        plain = (name for name in names.short_names() if "@" not in name)
        return [*_items(((name, "") for name in plain), incomplete), _file(incomplete)]
    variants = _variants(file) if file.endswith(SUFFIXES) else names.short_names()
    return _items(((name, "") for name in variants), incomplete)


def _variants(file: str) -> Iterator[str]:
    """FILE@VARIANT for each variant of a file."""
    try:
        yield from (f"{file}@{name}" for name in parse(read_file(file))[0].variants)
    except ConvcalcError:
        return


def complete_layer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The layers of the target before it."""
    return _items(_layers(_target(ctx)), incomplete)


def _target(ctx: click.Context) -> str:
    """The first target of the line; empty where there is none yet."""
    # Behind an option without its value click has not yet given the words to the arguments.
    targets = ctx.params.get("targets") or [ctx.params.get("target"), *ctx.args]
    return next(filter(None, targets), "")


def _graph(target: str) -> Graph | None:
    """The network of a target. PyTorch code is not run for a press of a key."""
    if not target or target.startswith(PYTORCH):
        return None
    try:
        return load(target)
    except ConvcalcError:
        return None


def _layers(target: str) -> list[tuple[str, str]]:
    """The layers of a target with their types."""
    graph = _graph(target)
    return [] if graph is None else [(node.name, node.layer.type.name) for node in graph.nodes]


def complete_change(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """PARAM= and LAYER. of the target before it; after LAYER. the keys of the layer, and after the = their words."""
    target = _target(ctx)
    graph = _graph(target)
    if graph is None:
        return []
    layer, dot, _ = incomplete.partition("=")[0].rpartition(".")
    kind = next((node.layer.type for node in graph.nodes if dot and node.name == layer), None)
    if kind is not None:
        after_dot = incomplete[len(layer) + 1 :]
        settings = ((f"{layer}.{text}", help) for text, help in _settings(kind, set(), after_dot))
        return _items(settings, incomplete)
    params = ((f"{name}=", "a param of the spec") for name in parse(find(target).source)[0].params.pairs)
    return _items([*params, *((f"{node.name}.", node.layer.type.name) for node in graph.nodes)], incomplete)


def complete_axis(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """As `complete_change`, and `input=`, `input.height=` and `variant=`; after the last the variants."""
    if incomplete.startswith("variant="):
        given, found = incomplete.removeprefix("variant="), _spec_variants(_target(ctx))
        before = given.rpartition(",")[0]
        beginning = f"variant={before}{',' if before else ''}"
        return _items(((beginning + name, "") for name in found if name not in given.split(",")), incomplete)
    keys = [("input=", "the shape of the input, as 3x224x224"), ("variant=", "the variants of the file")]
    keys += [(f"input.{name}=", "a size of the input") for name in ("height", "width", "size", "channels")]
    return [*_items(keys, incomplete), *complete_change(ctx, param, incomplete)]


def complete_unknown(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """As `complete_axis`, without the = behind a key: a range may be left out."""
    found = complete_axis(ctx, param, incomplete)
    for item in found:
        item.value = item.value.removesuffix("=")
    return found


def _spec_variants(target: str) -> list[str]:
    try:
        return list(parse(find(target).source)[0].variants) if target and not target.startswith(PYTORCH) else []
    except ConvcalcError:
        return []


def complete_condition(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The figures of a network and the varied keys, for the last word of an expression."""
    word = incomplete.split(" ")[-1].lstrip("(")
    before = incomplete[: len(incomplete) - len(word)]
    return _items(((f"{before}{name}", help) for name, help in _quantities(ctx)), incomplete)


def complete_quantities(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The same, one or after each comma; a minus before the name stays."""
    before, comma, last = incomplete.rpartition(",")
    minus = "-" if last.startswith("-") else ""
    pairs = ((f"{before}{comma}{minus}{name}", help) for name, help in _quantities(ctx))
    return _items(pairs, incomplete)


def _quantities(ctx: click.Context) -> list[tuple[str, str]]:
    from convcalc.report.figures import shapes_of_layers, totals  # only a sweep completes figures

    axes = [text.partition("=")[0] for text in ctx.params.get("vary") or ()]
    keys = [(key, "varied") for axis in axes for key in axis.split(",")]
    return [*keys, *[(figure.name, figure.help) for figure in [*totals(), *shapes_of_layers()]]]


def complete_type(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Layer types; where none begins like this, those that other libraries call so."""
    found = [name for name in layers.names() if name.startswith(incomplete)]
    if found:
        return found
    from convcalc.manual.foreign import types_for  # only a foreign word needs it

    return list(types_for(incomplete))


def complete_setting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """KEY= for each parameter of a layer type that the line does not give yet; after the = its words."""
    kind = layers.find(ctx.params.get("type_") or "")
    given = {text.partition("=")[0] for text in ctx.params.get("settings") or ()}
    if kind is None:
        return []
    key, equals, _ = incomplete.partition("=")
    unknown = [(f"{key}=?", "find the values that fit")] if equals and key in kind.parameters else []
    return _items([*_settings(kind, given, incomplete), *unknown], incomplete)


def _settings(kind: LayerType, given: set[str], incomplete: str) -> Iterator[tuple[str, str]]:
    key, equals, _ = incomplete.partition("=")
    for name, parameter in kind.parameters.items():
        if name in given:
            continue
        if not equals:
            yield f"{name}=", parameter.help
        elif name == key:
            yield from ((f"{name}={word}", "") for word in _words(parameter.schema(kind.rank)))


def _words(schema: Any) -> Iterator[str]:
    """The words that a parameter takes: those that its schema lists, wherever it lists them."""
    if isinstance(schema, list):
        for part in schema:
            yield from _words(part)
    elif isinstance(schema, dict):
        choices = (True, False) if schema.get("type") == "boolean" else schema.get("enum", ())
        yield from (str(word).lower() if isinstance(word, bool) else word for word in choices if word is not None)
        yield from _words([schema.get(name) for name in ("anyOf", "oneOf")])


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Lint rules."""
    from convcalc.lint.comparisons import COMPARISONS  # only `check` and `rules` need the linter
    from convcalc.lint.rules import RULES  # as above

    return [name for name in (*RULES, *COMPARISONS) if name.startswith(incomplete)]


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Lint rules, one or after each comma."""
    from convcalc.lint.comparisons import COMPARISONS  # as above
    from convcalc.lint.rules import RULES  # as above

    return _after_comma((*RULES, *COMPARISONS), incomplete)


def complete_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Column names, one or after each comma."""
    from convcalc.report.columns import COLUMNS  # only a table has columns

    return _after_comma(COLUMNS, incomplete)


def _after_comma(names: Iterable[str], incomplete: str) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    return [f"{before}{comma}{name}" for name in names if name.startswith(last) and name not in given]
