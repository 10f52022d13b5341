"""The help of messages about the layers of a network.

Only a spec with a problem loads this module.
"""

from __future__ import annotations

from convcalc import layers
from convcalc.language.corrections import plain, value_help
from convcalc.layers.base import LayerError
from convcalc.manual import foreign
from convcalc.network.site import Site
from convcalc.text.source import Expression, Value


def help_for_value(site: Site, error: LayerError, raw: Value) -> str:
    """The help for a value that a parameter does not accept. `raw` is the value, or the part of it that is wrong."""
    type, key = site.entry.type, error.parameter or ""
    kind = layers.find(type) if isinstance(type, str) else None
    parameter = None if kind is None else kind.parameters.get(key)
    if kind is None or parameter is None:
        return ""
    advice = foreign.value_advice(key, str(plain(raw)), kind.parameters)
    if advice:
        return advice
    value = site.plain(raw, site.mark(key)) if isinstance(raw, Expression) else raw
    names = {*site.scope.values, *site.columns}
    return value_help("" if error.path else key, raw, value, names, parameter.schema(kind.rank))
