"""Writes a network in one of the formats."""

from __future__ import annotations

from convcalc import api
from convcalc.errors import UsageError
from convcalc.exporters.network import Network
from convcalc.language.overrides import Overrides
from convcalc.targets.target import Target

CHANNELS_LAST, CHANNELS_FIRST = "channels_last", "channels_first"


def export(network: Network, format: str, depth: int | None = None, data_format: str = CHANNELS_LAST) -> str:
    """The text of a network in a format of text. Raises SpecError with every layer that the format cannot say."""
    # Each format loads its own modules alone.
    if format == "pytorch":
        from convcalc.exporters.pytorch.source import source

        return source(network)
    if format == "keras":
        from convcalc.exporters.keras import source as keras

        return keras.source(network, data_format)
    if format == "spec":
        from convcalc.exporters import flat_spec

        return flat_spec.text(network)
    from convcalc.drawing.graph.fold import diagram
    from convcalc.exporters.diagrams import dot, mermaid

    drawn = diagram(api.analyse(network.graph), depth)
    return mermaid.text(drawn) if format == "mermaid" else dot.text(drawn, network.graph.name or network.label)


def export_bytes(network: Network) -> bytes:
    """The ONNX file of a network. Raises SpecError with every layer that ONNX cannot say."""
    from convcalc.exporters.onnx.model import model  # as above

    return model(network)


def text_as_it_is(target: Target, changes: Overrides) -> str:
    """The text of a spec. Raises UsageError where the call means another network than the text."""
    if target.variant is not None or changes:
        what = f"the variant {target.variant}" if target.variant is not None else "what the call changes"
        help = "add --flat: every layer is then written by itself, with the values of the call"
        raise UsageError(f"the text of the spec as it is does not have {what}", help)
    return target.source.text
