"""The type and the name of an entry."""

from __future__ import annotations

from convcalc import layers
from convcalc.language.spec import CONTAINERS, ENTRY_NAME_HELP, is_entry_name
from convcalc.layers.parameters import show
from convcalc.network.site import Site
from convcalc.network.values import Reported
from convcalc.text.source import Expression


def type_of(site: Site) -> str:
    """The type of an entry; an expression is evaluated. Raises Reported where the result is not a type."""
    written = site.entry.type
    if isinstance(written, Expression):
        return _computed_type(site, written)
    if written is None:
        raise Reported  # reported when the file was read
    return written


def _computed_type(site: Site, expression: Expression) -> str:
    spec = site.construction.spec
    name = site.plain(expression, site.entry.mark)
    if not isinstance(name, str):
        raise _refuse_type(site, expression, name)
    if name in spec.blocks or name in spec.custom:
        return name
    if name in CONTAINERS:
        message = f"={expression.text} gives the container '{name}'"
        raise site.refuse("unknown-type", message, help="write the container itself: an expression cannot give one")
    if layers.find(name):
        return name
    if spec.source.incomplete:
        raise Reported  # it may be defined in the file that could not be read
    from convcalc.language.translations import type_name_help  # only a spec with a problem loads it

    help = type_name_help(name, dict.fromkeys([*spec.blocks, *spec.custom], ()))
    raise _refuse_type(site, expression, name, help)


def _refuse_type(site: Site, expression: Expression, value: object, help: str = "") -> Reported:
    message = f"={expression.text} gives {show(value)}, which is not a layer, block or custom type"
    return site.refuse("unknown-type", message, help=help)


def name_of(site: Site, type_name: str) -> str:
    """The name of an entry; without a key `name` it is the type with a number. Raises Reported for a bad name."""
    if not site.has("name"):
        return site.scope.level.next_name(type_name)
    name = site.value("name")
    if not isinstance(name, str):
        raise site.refuse("bad-name", f"a name must be text, not {show(name)}", site.mark("name"))
    _check_name(site, name)
    return name


def _check_name(site: Site, name: str) -> None:
    """Refuse a name that is not allowed here, or is used already."""
    scope = site.scope
    if name in scope.inputs or name in ("input", "previous"):
        message, help = f"`{name}` already has a meaning in `from`", "choose another name"
    elif not is_entry_name(name):
        message = f"`{name}` cannot be a name"
        help = ENTRY_NAME_HELP
    elif name in scope.level.names:
        message, help = f"the name `{name}` is used twice in one scope", "choose another name"
    else:
        return
    raise site.refuse("bad-name", message, site.mark("name"), help)
