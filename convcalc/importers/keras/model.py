"""A network of Keras as its configuration states it: layers, the calls of each, and what is read from where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from convcalc import bounds
from convcalc.importers.keras.calls import BrokenConfig, Call, Ref, call_of, ref_of, sizes_of

EXPORTED = "convcalc>"  # the package of the layers that an exported source defines itself


@dataclass(slots=True)
class Layer:
    """A layer: its class, the package of that, its configuration and its calls. A model has layers of its own."""

    kind: str
    name: str
    module: str
    config: dict[str, Any]
    calls: list[Call] = field(default_factory=list)
    model: Model | None = None
    built_from: tuple[int | None, ...] | None = None  # the shape of what it reads, with the batch
    key: str = ""  # how references name it, where that is not its name


@dataclass(slots=True)
class Model:
    """A network or a nested model."""

    name: str
    layers: list[Layer]
    inputs: list[Ref]
    outputs: list[Ref]
    trainable: bool = True


def is_model(config: dict[str, Any]) -> bool:
    inner = config.get("config")
    return config.get("class_name") == "Sequential" or (isinstance(inner, dict) and "layers" in inner)


def model_of(config: dict[str, Any], depth: int = 0) -> Model:
    """The model that a configuration states. Raises BrokenConfig."""
    if depth > bounds.MAX_BLOCK_DEPTH:
        raise BrokenConfig(f"models are nested more than {bounds.MAX_BLOCK_DEPTH} deep")
    inner = config.get("config")
    if isinstance(inner, list):  # Sequential before Keras 2.2.3
        inner = {"layers": inner}
    if not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
        raise BrokenConfig(f"the layers of {config.get('class_name')} are no list")
    name = str(inner.get("name") or config.get("name") or "model")
    layers = [layer_of(each, f"layer {number} of {name}", depth) for number, each in enumerate(inner["layers"])]
    if config.get("class_name") == "Sequential":
        model = _sequential(name, inner, layers)
    else:
        model = Model(name, layers, _ends(inner, "input_layers", name), _ends(inner, "output_layers", name))
    model.trainable = inner.get("trainable", True) is not False
    _number_calls(model)
    return model


def layer_of(value: Any, place: str, depth: int = 0) -> Layer:
    """The layer that a configuration states."""
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise BrokenConfig(f"{place} has no class_name")
    config = value.get("config")
    registered = value.get("registered_name")
    kind = value["class_name"]
    if isinstance(registered, str) and registered.startswith(EXPORTED):
        kind = registered
    model = model_of(value, depth + 1) if is_model(value) else None
    if not isinstance(config, dict):
        if model is None and config is not None:
            raise BrokenConfig(f"the config of {place} ({kind}) is no dictionary")
        config = {}
    name = str(value.get("name") or config.get("name") or kind)
    built = value.get("build_config")
    shape = built.get("input_shape") if isinstance(built, dict) else None
    nodes = value.get("inbound_nodes") or []
    if not isinstance(nodes, list):
        raise BrokenConfig(f"the inbound_nodes of {name} are no list")
    calls = [call_of(node, f"call {number} of {name}") for number, node in enumerate(nodes)]
    module = value.get("module")
    return Layer(kind, name, module if isinstance(module, str) else "", config, calls, model, sizes_of(shape))


def _ends(config: dict[str, Any], key: str, name: str) -> list[Ref]:
    """The inputs or the outputs of a functional model: one, a list, or a dictionary of them."""

    def found(value: Any) -> Iterator[Ref]:
        if isinstance(value, dict):
            value = [value[key] for key in sorted(value)]  # as Keras orders them
        if isinstance(value, list) and value and isinstance(value[0], str):
            yield ref_of(value, f"{key} of {name}")
        elif isinstance(value, list):
            for item in value:
                yield from found(item)

    refs = list(found(config.get(key)))
    if not refs:
        raise BrokenConfig(f"{key} of {name} names no layer")
    return refs


def _sequential(name: str, config: dict[str, Any], layers: list[Layer]) -> Model:
    """A chain of layers as a graph: each reads the one before."""
    if not layers:
        raise BrokenConfig(f"{name} has no layers")
    if layers[0].kind != "InputLayer":
        first = _first_config(layers[0])
        stated = first.get("batch_input_shape") or first.get("batch_shape") or config.get("build_input_shape")
        sizes = sizes_of(stated) or layers[0].built_from
        layers = [Layer("InputLayer", "input", "", {"batch_shape": sizes, "dtype": first.get("dtype")}), *layers]
    names = [f"#{number}" for number in range(len(layers))]  # two layers of a chain may have one name
    for number, each in enumerate(layers):
        each.key = names[number]
        each.calls = [Call([Ref(names[number - 1], 0, 0)], {})] if number else []
    return Model(name, layers, [Ref(names[0], 0, 0)], [Ref(names[-1], 0, 0)])


def _first_config(layer: Layer) -> dict[str, Any]:
    """The configuration that may state the input: of the layer, or of the input of the model that it is."""
    while layer.model is not None:
        ref = layer.model.inputs[0]
        inner = next((each for each in layer.model.layers if ref.layer in (each.key, each.name)), None)
        if inner is None:
            break
        layer = inner
    return layer.config


def _number_calls(model: Model) -> None:
    """Count the calls of nested models from 0: in Keras 2 the first of a model that has an input is its own making."""
    shifted = {
        each.name
        for each in model.layers
        if each.model is not None and each.calls and each.model.layers[0].kind == "InputLayer"
    }
    if not shifted:
        return
    read = [ref for each in model.layers for call in each.calls for ref in call.refs()] + model.outputs
    if any(ref.layer in shifted and (ref.sizes is not None or ref.call == 0) for ref in read):
        return  # Keras 3 counts from 0, and states sizes

    def moved(value: Any) -> Any:
        if isinstance(value, Ref):
            return value._replace(call=value.call - 1) if value.layer in shifted else value
        if isinstance(value, list):
            return [moved(item) for item in value]
        return {key: moved(item) for key, item in value.items()} if isinstance(value, dict) else value

    for each in model.layers:
        each.calls = [Call(moved(call.args), moved(call.kwargs)) for call in each.calls]
    model.outputs = [moved(ref) for ref in model.outputs]
