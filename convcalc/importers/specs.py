"""From a network of another format to the text of a spec."""

from __future__ import annotations

from typing import Any

from convcalc import layers
from convcalc.importers.blocks import make_blocks, make_blocks_of_containers
from convcalc.importers.growing import move_into_modules, shorten_growing
from convcalc.importers.modules import outline_of
from convcalc.importers.naming import in_snake_case
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.outline import Outline
from convcalc.importers.patterns import recognise
from convcalc.importers.repetition import extract_repetitions
from convcalc.importers.writing import text_of
from convcalc.language.spec import CONTAINERS


def spec_text(network: ForeignNetwork, *, flat: bool = False, name: str | None = None) -> str:
    """The spec of a network; folded into blocks, or with every layer by itself where it is `flat`."""
    recognise(network)
    custom = _custom_types(network)
    if not flat:
        shorten_growing(network.operations)
        move_into_modules(network.operations)
    outline = outline_of(network)
    outline.custom = custom
    if not flat:
        make_blocks(outline)
        make_blocks_of_containers(outline)
        extract_repetitions(outline)
    title = name or network.name
    head = {**({"name": title} if title else {}), "source": network.format}
    return text_of(outline, head, {"expect": _expected(network, outline)})


def _expected(network: ForeignNetwork, outline: Outline) -> dict[str, Any]:
    """The figures that the source states."""
    shapes = {output.name: output.shape for each in network.operations for output in each.outputs}
    expected: dict[str, Any] = {"params": network.params}
    if network.macs is not None:
        expected["macs"] = network.macs
    if len(network.outputs) == 1 and network.outputs[0] in shapes:
        expected["output_shape"] = list(shapes[network.outputs[0]])
    return expected


def _custom_types(network: ForeignNetwork) -> dict[str, Any]:
    """A custom type for every operator that the language does not have, by name and number of inputs.

    Its output shape and its parameters are those of the source. Its multiply-accumulates and its window are unknown.
    """
    types: dict[str, Any] = {}
    for operation in network.operations:
        if operation.known:
            continue
        inputs, count = len(operation.inputs), operation.params
        name = type_name(operation.type, inputs, types)
        types[name] = {
            **({"inputs": [f"x{number + 1}" for number in range(inputs)]} if inputs > 1 else {}),
            "params": {"shape": None, "params": 0},
            "output_shape": "=shape",
            "parameters": "=params",
        }
        operation.type = name
        operation.parameters = {"shape": list(operation.output.shape), **({"params": count} if count else {})}
    return types


def type_name(operator: str, inputs: int, types: dict[str, Any]) -> str:
    """The name of the custom type for an operator: in snake_case, and not that of a type of the language."""
    stem = in_snake_case(operator) or "operator"
    stem = f"op_{stem}" if stem[0].isdigit() else stem
    candidates = [stem, f"{stem}_operator", f"{stem}_of_{inputs}", f"{stem}_operator_of_{inputs}"]
    for name in candidates:
        is_free = not layers.is_reserved(name) and layers.find(name) is None and name not in CONTAINERS
        if is_free and (name not in types or len(types[name].get("inputs", [None])) == inputs):
            return name
    raise AssertionError("one of the names is free")
