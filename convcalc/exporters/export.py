"""Writes a network in one of the formats."""

from __future__ import annotations

from convcalc import api
from convcalc.drawing.graph.fold import diagram
from convcalc.errors import UsageError
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.target import Target


def export(target: Target, changes: Overrides, format: str, *, depth: int | None = None, flat: bool = False) -> str:
    """The text of a target in a format, with what the call changes. Raises SpecError and UsageError."""
    if format == "spec" and not flat:
        return _as_it_is(target, changes)
    network = build_network(target, changes)
    if format == "pytorch":
        from convcalc.exporters.pytorch.source import source  # each format loads its own modules alone

        return source(network)
    if format == "spec":
        from convcalc.exporters import flat_spec  # as above

        return flat_spec.text(network)
    drawn = diagram(api.analyse(network.graph), depth)
    if format == "mermaid":
        from convcalc.exporters.diagrams import mermaid  # as above

        return mermaid.text(drawn)
    from convcalc.exporters.diagrams import dot  # as above

    return dot.text(drawn, network.graph.name or target.label)


def _as_it_is(target: Target, changes: Overrides) -> str:
    """The text of the spec. Raises UsageError where the call asks for another network than the text has."""
    if target.variant is not None or changes:
        what = f"the variant {target.variant}" if target.variant is not None else "what the call changes"
        help = "add --flat: every layer is then written by itself, with the values of the call"
        raise UsageError(f"the text of the spec as it is does not have {what}", help)
    return target.source.text
