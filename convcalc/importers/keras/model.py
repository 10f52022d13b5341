"""A network of Keras as its configuration states it: layers, the calls of each, and what is read from where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc import bounds

# Of a constant among the inputs of a call, in Keras 2.
CONSTANT = "_CONSTANT_VALUE"


class BrokenConfig(Exception):
    """A configuration that no Keras writes; the message says what is wrong, and where."""


class Ref(NamedTuple):
    """A tensor: the layer that gives it, which of its calls, which of the tensors that the call gives.

    `sizes` is its shape with the batch, None for an open size; empty where the source does not state it.
    """

    layer: str
    call: int
    tensor: int
    sizes: tuple[int | None, ...] | None = None


@dataclass(slots=True)
class Call:
    """One call of a layer. The arguments are plain values with a Ref for each tensor."""

    args: list[Any]
    kwargs: dict[str, Any]

    def refs(self) -> Iterator[Ref]:
        yield from refs_in([self.args, list(self.kwargs.values())])


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


def refs_in(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from refs_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from refs_in(item)


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
    kind = value["class_name"]
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
    calls = [_call(node, f"call {number} of {name}") for number, node in enumerate(nodes)]
    module = value.get("module")
    return Layer(kind, name, module if isinstance(module, str) else "", config, calls, model, sizes_of(shape))


def sizes_of(value: Any) -> tuple[int | None, ...] | None:
    """A shape with the batch; None where the value is no single shape."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    whole = all(size is None or (isinstance(size, int) and not isinstance(size, bool)) for size in value)
    return tuple(value) if whole else None


def _call(node: Any, place: str) -> Call:
    if isinstance(node, dict):
        args, kwargs = _value(node.get("args", [])), _value(node.get("kwargs", {}))
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise BrokenConfig(f"{place} has broken arguments")
        return Call(args, kwargs)
    if isinstance(node, list) and len(node) > 2 and isinstance(node[0], str):
        node = [node]
    if not isinstance(node, list):
        raise BrokenConfig(f"{place} is neither a list nor a dictionary")
    read = [_old_argument(each, place) for each in node]
    kwargs = {
        key: _old_value(value)
        for each in node
        if len(each) > 3 and isinstance(each[3], dict)
        for key, value in each[3].items()
    }
    return Call(read if len(read) == 1 else [read], kwargs)


def _value(value: Any) -> Any:
    """A value of Keras 3, with a Ref for each tensor."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        config = config if isinstance(config, dict) else {}
        return _ref(config.get("keras_history"), "a tensor")._replace(sizes=sizes_of(config.get("shape")))
    if value.get("class_name") in ("__tuple__", "__list__"):
        return _value(value.get("config", []))
    return {key: _value(item) for key, item in value.items()}


def _old_argument(value: Any, place: str) -> Any:
    if isinstance(value, list) and len(value) > 2 and value[0] == CONSTANT:
        return value[2]
    return _ref(value, place)


def _old_value(value: Any) -> Any:
    """A value among the keywords of Keras 2, where a tensor is written as a list of three."""
    if isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and all(isinstance(each, int) for each in value[1:3]):
            return value[2] if value[0] == CONSTANT else _ref(value, "a keyword")
        return [_old_value(item) for item in value]
    return value


def _ref(value: Any, place: str) -> Ref:
    if (
        not isinstance(value, list)
        or len(value) < 3
        or not isinstance(value[0], str)
        or not all(isinstance(each, int) and each >= 0 for each in value[1:3])
    ):
        raise BrokenConfig(f"{place} reads no tensor: {str(value)[:60]}")
    return Ref(value[0], value[1], value[2])


def _ends(config: dict[str, Any], key: str, name: str) -> list[Ref]:
    """The inputs or the outputs of a functional model: one, a list, or a dictionary of them."""

    def found(value: Any) -> Iterator[Ref]:
        if isinstance(value, dict):
            value = [value[key] for key in sorted(value)]  # as Keras orders them
        if isinstance(value, list) and value and isinstance(value[0], str):
            yield _ref(value, f"{key} of {name}")
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
        first = layers[0].config
        stated = first.get("batch_input_shape") or first.get("batch_shape") or config.get("build_input_shape")
        sizes = sizes_of(stated) or layers[0].built_from
        layers = [Layer("InputLayer", "input", "", {"batch_shape": sizes, "dtype": first.get("dtype")}), *layers]
    names = [f"#{number}" for number in range(len(layers))]  # two layers of a chain may have one name
    for number, each in enumerate(layers):
        each.key = names[number]
        each.calls = [Call([Ref(names[number - 1], 0, 0)], {})] if number else []
    return Model(name, layers, [Ref(names[0], 0, 0)], [Ref(names[-1], 0, 0)])


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
