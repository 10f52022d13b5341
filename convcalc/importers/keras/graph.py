"""The order in which the calls of a model run, and what the source states of what they give."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.importers.keras.calls import BrokenConfig, Call, Ref
from convcalc.importers.keras.model import Layer, Model

Key = tuple[str, int]  # a layer and which of its calls
Sizes = tuple[int | None, ...]


class Node(NamedTuple):
    """One call of a layer in a model."""

    key: Key
    layer: Layer
    call: Call


def key_of(layer: Layer) -> str:
    return layer.key or layer.name


def input_keys(model: Model) -> list[Key]:
    """The nodes that are the inputs of a model."""
    return [(ref.layer, ref.call) for ref in model.inputs]


def ordered(model: Model) -> list[Node]:
    """The calls that the outputs of a model need: branch by branch, each after what it reads.

    A configuration lists layers by their distance to the output, so that the layers of branches alternate.
    """
    layers = {key_of(layer): layer for layer in model.layers}
    if len(layers) < len(model.layers):
        raise BrokenConfig(f"two layers of {model.name} have one name")
    done = set(input_keys(model))
    open_nodes: set[Key] = set()
    nodes: list[Node] = []
    stack = [(_known(ref, layers, model), False) for ref in reversed(model.outputs)]
    while stack:
        key, is_read = stack.pop()
        if key in done:
            continue
        layer = layers[key[0]]
        call = _call(layer, key, model)
        if is_read:
            done.add(key)
            nodes.append(Node(key, layer, call))
            continue
        if key in open_nodes:
            raise BrokenConfig(f"the layers of {model.name} are a cycle: {layer.name} waits for what it gives")
        open_nodes.add(key)
        stack.append((key, True))
        read = dict.fromkeys(_known(ref, layers, model) for ref in call.refs())
        stack += [(each, False) for each in reversed(read) if each not in done]
    return nodes


def _known(ref: Ref, layers: dict[str, Layer], model: Model) -> Key:
    if ref.layer not in layers:
        raise BrokenConfig(f"{model.name} has no layer {ref.layer[:60]}, which another layer reads")
    return (ref.layer, ref.call)


def _call(layer: Layer, key: Key, model: Model) -> Call:
    if not 0 <= key[1] < len(layer.calls):
        reason = "is not called" if not layer.calls else f"has no call {key[1]}"
        raise BrokenConfig(f"layer {layer.name} of {model.name} {reason}, but its output is read")
    return layer.calls[key[1]]


def stated_sizes(model: Model) -> dict[Ref, Sizes]:
    """The shapes that the source states: with each tensor in Keras 3, with the layer that reads it in Keras 2."""
    stated: dict[Ref, Sizes] = {}
    for layer in model.layers:
        for call in layer.calls:
            refs = list(call.refs())
            for ref in refs:
                sizes = ref.sizes
                if sizes is None and len(refs) == 1 and len(layer.calls) == 1:
                    sizes = layer.built_from
                if sizes is not None:
                    stated[ref._replace(sizes=None)] = sizes
    return stated
