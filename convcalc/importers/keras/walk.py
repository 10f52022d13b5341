"""From a model of Keras to operations: its calls in order, each by the translation of its layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.importers.keras import translators
from convcalc.importers.keras.calls import BrokenConfig, Ref
from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.graph import Key, Node, Sizes, input_keys, ordered, stated_sizes
from convcalc.importers.keras.model import Layer, Model
from convcalc.importers.keras.request import Request, values_in
from convcalc.importers.keras.settings import Settings
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Value
from convcalc.importers.network import Module

GENERIC = frozenset(("Functional", "Sequential", "Model"))
# What a translation meets in a configuration of the wrong form.
WRONG_FORM = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


class Walk:
    """One way through a model and the models in it."""

    def __init__(self, emitter: Emitter, *, is_stated: bool) -> None:
        self.emitter = emitter
        self.is_stated = is_stated  # whether the shapes that the source states are those of this input

    def model(self, model: Model, given: list[Value]) -> list[Value]:
        """The outputs of a model for the values of its inputs."""
        keys = input_keys(model)
        if len(keys) != len(given):
            raise BrokenLayer(f"{model.name} has {len(keys)} inputs and reads {len(given)} tensors")
        values: dict[Key, list[Value]] = {key: [value] for key, value in zip(keys, given)}
        stated = stated_sizes(model)
        for node in ordered(model):
            values[node.key] = self._node(node, values, stated)
        return [_of(values, ref) for ref in model.outputs]

    def _node(self, node: Node, values: dict[Key, list[Value]], stated: dict[Ref, Sizes]) -> list[Value]:
        layer, emitter = node.layer, self.emitter
        emitter.steps += 1
        if emitter.steps > bounds.MAX_CALLS:
            raise BrokenConfig(f"the network calls more than {bounds.MAX_CALLS:,} layers")
        args, kwargs = _read(node.call.args, values), _read(node.call.kwargs, values)
        sizes = stated.get(Ref(*node.key, 0))
        with self._around(layer, layer.name, node.key[1]):
            results = self._layer(layer, args, kwargs, sizes, node.key[1])
            for number, value in enumerate(results):
                given = stated.get(Ref(*node.key, number))
                if given is not None and self.is_stated:
                    results[number] = self._as_stated(value, given)
        return results

    @contextmanager
    def _around(self, layer: Layer, name: str, call: int) -> Iterator[None]:
        """The name, the place and the training of a layer for all operations that it becomes."""
        emitter = self.emitter
        before = (emitter.name, emitter.place, emitter.trainable)
        emitter.name = name
        emitter.place = f"layer {name} ({layer.kind})" + (f", call {call + 1}" if call else "")
        frozen = layer.config.get("trainable") is False or (layer.model is not None and not layer.model.trainable)
        emitter.trainable = emitter.trainable and not frozen
        try:
            yield
        except (BrokenLayer, BrokenConfig) as error:
            if isinstance(error, BrokenLayer) and error.is_placed:
                raise
            raise _placed(error, emitter.place) from None
        except WRONG_FORM as error:
            message = f"its configuration has a wrong form: {type(error).__name__}"
            raise _placed(BrokenLayer(message), emitter.place) from None
        finally:
            emitter.name, emitter.place, emitter.trainable = before

    def _layer(
        self, layer: Layer, args: list[Any], kwargs: dict[str, Any], sizes: Sizes | None, call: int
    ) -> list[Value]:
        emitter = self.emitter
        if layer.model is not None:
            kind = "" if layer.kind in GENERIC else layer.kind
            with emitter.inside(Module(emitter.name, kind, call)):
                return self.model(layer.model, values_in([args, list(kwargs.values())]))
        known = None if sizes is None or None in sizes[1:] else tuple(size for size in sizes[1:] if size is not None)
        request = Request(layer, emitter, Settings(layer.config), args, kwargs, known, self._inner)
        translate = translators.find(layer)
        count = len(emitter.operations)
        try:
            if translate is None:
                raise NoCounterpart(layer.kind)
            found = translate(request)
        except NoCounterpart:
            del emitter.operations[count:]
            return [self._unknown(request, sizes)]
        return [found] if isinstance(found, Value) else list(found)

    def _inner(self, layer: Layer, given: list[Value], name: str) -> list[Value]:
        """A layer inside another one, which has the name of that."""
        with self._around(layer, name, 0):
            return self._layer(layer, list(given), {}, None, 0)

    def _unknown(self, request: Request, sizes: Sizes | None) -> Value:
        """An operation by its name, with the shape that the source states."""
        shape = None if sizes is None else list(sizes[1:])
        if shape is None and request.layer.kind == "Lambda":
            shape = request.settings.get("output_shape")
        if not self.is_stated or not isinstance(shape, list) or not shape:
            raise BrokenLayer("no layer type does what it does, and no layer after it tells the shape of its output")
        whole = tuple(size for size in shape if type(size) is int and size > 0)
        if len(whole) < len(shape):
            raise BrokenLayer("no layer type does what it does, and the shape of its output is open")
        return self.emitter.unknown(request.layer.kind, request.inputs, whole, {})

    def _as_stated(self, value: Value, sizes: Sizes) -> Value:
        """The value with the sizes that the source states."""
        if len(sizes) != value.rank + 1:
            raise BrokenLayer(f"its output has {value.rank + 1} axes, but the source states {list(sizes)}")
        stated: Shape = tuple(own if size is None else size for own, size in zip(value.sizes, sizes[1:]))
        return value if stated == value.sizes else self.emitter.restate(value, stated)


def _placed(error: Exception, place: str) -> BrokenLayer:
    placed = BrokenLayer(f"{place}: {error}")
    placed.is_placed = True
    return placed


def _of(values: dict[Key, list[Value]], ref: Ref) -> Value:
    found = values.get((ref.layer, ref.call), [])
    if ref.tensor >= len(found):
        raise BrokenConfig(f"tensor {ref.tensor} of {ref.layer} is read, but it has {len(found)}")
    return found[ref.tensor]


def _read(value: Any, values: dict[Key, list[Value]]) -> Any:
    """Arguments with a value for each reference."""
    if isinstance(value, Ref):
        return _of(values, value)
    if isinstance(value, list):
        return [_read(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _read(item, values) for key, item in value.items()}
    return value
