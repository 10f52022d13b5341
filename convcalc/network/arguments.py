"""The values that an entry gives to the parameters of a layer, or to the params of a block or custom type."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import ENTRY_KEYS, Block, CustomType
from convcalc.layers.base import LayerType
from convcalc.network.site import Site
from convcalc.network.values import UNKNOWN, Context, Reported
from convcalc.problems import nearest
from convcalc.text.source import Expression, YamlList, YamlMapping, as_plain


def layer_arguments(site: Site, layer_type: LayerType) -> dict[str, Any]:
    """The plain parameter values of a layer: those of the call, then of the entry, then of its columns."""
    given: dict[str, Any] = {}
    failed: Exception | None = None
    body, known = site.entry.body, layer_type.parameters
    if isinstance(site.entry.type, Expression):
        _check_keys(site, layer_type.name, known)
    pairs = {**body.pairs, **site.changes} if site.changes else body.pairs
    for key, raw in pairs.items():
        if key in ENTRY_KEYS:
            continue
        if key not in known:
            failed = Reported()  # reported when the file was read
            continue
        if type(raw) in (Expression, YamlList, YamlMapping):
            try:
                raw = site.plain(raw, partial(site.mark, key), lambda: f"{site.full_name} ({layer_type.name})")
            except (Reported, UnknownValue) as error:
                failed = error
                continue
        if raw is None and layer_type.default(key) is not None:
            continue  # null means the default
        given[key] = raw
    for column, value in site.columns.items():
        if column in known and column not in given and value is not None:
            given[column] = value
    if failed is not None:
        raise failed
    return given


def _check_keys(site: Site, type_name: str, known: Iterable[str]) -> None:
    """Refuse keys that a computed type does not have. Those of a written type were checked when the file was read."""
    body = site.entry.body
    for key in body.pairs:
        if key not in known and key not in ENTRY_KEYS:
            from convcalc.language.translations import unknown_key_help  # only a spec with a problem loads it

            words = [*known, *sorted(ENTRY_KEYS)]
            help = unknown_key_help(type_name, key, as_plain(body.pairs[key]), words)
            help = help or nearest(key, words) or f"{type_name} takes {', '.join(words)}"
            raise site.refuse("unknown-key", f"{type_name} has no `{key}`", body.key_mark(key), help)


def check_inputs(site: Site, what: str, inputs: list[str], subject: str) -> None:
    """Refuse a number of inputs that a block or a custom type does not have."""
    if len(site.reads) != len(inputs):
        if any(site.construction.shapes[tensor] is None for tensor in site.reads):
            raise Reported  # the number of inputs is unknown, too
        count = f"{len(inputs)} input{'s' if len(inputs) != 1 else ''}"
        message = f"{what} has {count} ({', '.join(inputs)}), and {len(site.reads)} are given"
        help = "list them in order: `from: [previous, NAME]`"
        raise site.refuse("wrong-inputs", message, site.entry.mark_of("from"), help, subject)


def visible_params(site: Site, defined: Block | CustomType, subject: str) -> dict[str, Any]:
    """The params that a block or a custom type sees: those of the entry, else its defaults; then those of the spec."""
    if isinstance(site.entry.type, Expression):
        _check_keys(site, defined.name, defined.params.pairs)
    values = dict(site.scope.spec_params)
    missing: list[str] = []
    for name in defined.params.pairs:
        try:
            value = _given_value(site, name, subject)
            if value is None:
                value = _default_value(site, defined, name, values)
            if value is None:
                missing.append(name)
                value = UNKNOWN
        except (Reported, UnknownValue):
            value = UNKNOWN
        values[name] = value
    if missing:
        help = f"write `{defined.name}: {{{', '.join(f'{name}: …' for name in missing)}}}`"
        site.refuse("missing-parameter", f"{' and '.join(missing)} must be given", help=help, subject=subject)
    return values


def _given_value(site: Site, name: str, subject: str) -> Any:
    """The value of a param in the call, the entry or a column of its rows; None where it is in none."""
    if name in site.changes:
        return site.plain(site.changes[name], lambda: site.mark(name), lambda: subject)
    pairs = site.entry.body.pairs
    if name in pairs:
        return site.plain(pairs[name], lambda: site.entry.mark_of(name), lambda: subject)
    return site.columns.get(name)


def _default_value(site: Site, defined: Block | CustomType, name: str, values: dict[str, Any]) -> Any:
    """The default of a param. Its expression may read the params before it."""
    params = defined.params
    raw = params.pairs[name]
    if type(raw) not in (Expression, YamlList, YamlMapping):
        return raw
    context = Context(values, site.shape, True, lambda: ("", site.construction.trail_of(site.scope)))
    return site.construction.values.plain(raw, lambda: params.value_mark(name), context)
