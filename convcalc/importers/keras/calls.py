"""The calls of layers: their arguments, and the tensors among them, as Keras 3 and Keras 2 write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

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


def refs_in(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from refs_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from refs_in(item)


def sizes_of(value: Any) -> tuple[int | None, ...] | None:
    """A shape with the batch; None where the value is no single shape."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    whole = all(size is None or (isinstance(size, int) and not isinstance(size, bool)) for size in value)
    return tuple(value) if whole else None


def call_of(node: Any, place: str) -> Call:
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
        return ref_of(config.get("keras_history"), "a tensor")._replace(sizes=sizes_of(config.get("shape")))
    if value.get("class_name") in ("__tuple__", "__list__"):
        return _value(value.get("config", []))
    return {key: _value(item) for key, item in value.items()}


def _old_argument(value: Any, place: str) -> Any:
    if isinstance(value, list) and len(value) > 2 and value[0] == CONSTANT:
        return value[2]
    return ref_of(value, place)


def _old_value(value: Any) -> Any:
    """A value among the keywords of Keras 2, where a tensor is written as a list of three."""
    if isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and all(isinstance(each, int) for each in value[1:3]):
            return value[2] if value[0] == CONSTANT else ref_of(value, "a keyword")
        return [_old_value(item) for item in value]
    return value


def ref_of(value: Any, place: str) -> Ref:
    if (
        not isinstance(value, list)
        or len(value) < 3
        or not isinstance(value[0], str)
        or not all(isinstance(each, int) and each >= 0 for each in value[1:3])
    ):
        raise BrokenConfig(f"{place} reads no tensor: {str(value)[:60]}")
    return Ref(value[0], value[1], value[2])
