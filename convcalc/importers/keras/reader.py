"""Reads a network of Keras: its configuration alone, no weights and no code."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import UsageError
from convcalc.importers.inputs import Given, GivenInputs
from convcalc.importers.keras.calls import BrokenConfig, sizes_of
from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.files import read_config, unreadable
from convcalc.importers.keras.graph import key_of
from convcalc.importers.keras.model import Layer, Model, model_of
from convcalc.importers.keras.values import BrokenLayer, Order, Value, default_order, placed
from convcalc.importers.keras.walk import Walk
from convcalc.importers.network import ForeignNetwork, Input, Operation

STATISTICS = ("moving_mean", "moving_variance")


def read(path: str, inputs: GivenInputs) -> ForeignNetwork:
    """The network in a file. Raises SpecError for a broken file, UsageError where an input must be given."""
    config = read_config(path)
    try:
        model = model_of(config)
        reading = _Reading(model, inputs, {})
        asked, used = reading.emitter.asked, reading.emitter.used
        if any(used[origin] != order for origin, order in asked.items()):  # an input is read in another order
            reading = _Reading(model, inputs, asked)
    except (BrokenConfig, BrokenLayer) as error:
        raise unreadable(path, str(error)) from None
    except RecursionError:
        raise unreadable(path, "the JSON is nested too deep") from None
    if not reading.operations:
        raise unreadable(path, "the network has no operation")
    return ForeignNetwork(
        model.name, _format(config), reading.inputs, reading.outputs, reading.operations,
        remarks=[*_statistics(reading.operations), *reading.emitter.remarks],
    )  # fmt: skip


def _format(config: dict[str, Any]) -> str:
    version = config.get("keras_version")
    if isinstance(version, str) and len(version) < 20:
        return f"Keras {version}"
    return "Keras 3" if config.get("module") else "Keras"


class _Reading:
    """One way through the network, with its inputs in given orders."""

    def __init__(self, model: Model, given: GivenInputs, preferred: dict[str, Order]) -> None:
        self.emitter = Emitter(preferred)
        layers = {key_of(layer): layer for layer in model.layers}
        sources = [layers.get(ref.layer) for ref in model.inputs]
        if None in sources:
            raise BrokenConfig(f"an input of {model.name} is no layer of it")
        found = [layer for layer in sources if layer is not None]
        shapes = _by_input([layer.name for layer in found], given)
        self.is_stated = True
        values = [self._input(layer, shape) for layer, shape in zip(found, shapes)]
        self.inputs = [Input(each.name, each.shape, _is_index(layer)) for each, layer in zip(values, found)]
        outputs = Walk(self.emitter, is_stated=self.is_stated).model(model, values)
        self.outputs = list(dict.fromkeys(value.name for value in outputs))
        self.operations = _needed(self.emitter.operations, self.outputs)

    def _input(self, layer: Layer, given: Given | None) -> Value:
        """The value of an input. A given shape is channels first, or else in the order of Keras."""
        stated = next(
            (layer.config[key] for key in ("batch_shape", "batch_input_shape") if layer.config.get(key)), None
        )
        if stated is None and isinstance(layer.config.get("shape"), list):
            stated = [None, *layer.config["shape"]]
        known = sizes_of(stated)
        sizes = known[1:] if known is not None else None
        if given is None:
            if sizes is None or not all(sizes):
                raise _open(layer, sizes)
            rank = len(sizes)
        else:
            rank = len(given.shape)
            if sizes is not None and len(sizes) != rank:
                raise UsageError(f"input {layer.name} has {len(sizes)} axes without the batch, not {rank}",
                                 "write its sizes with channels first: --input 3x224x224")  # fmt: skip
        order = self.emitter.opened(layer.name, rank)
        shape = placed([size or 0 for size in sizes or ()], order) if given is None else given.shape
        if given is not None and sizes is not None and not _agrees(_theirs(shape, order), sizes):
            if _agrees(given.shape, sizes):
                shape = placed(given.shape, order)
            else:
                self.is_stated = False
        if min(shape, default=0) < 1:
            raise BrokenConfig(f"input {layer.name} has the shape {format_shape(shape)}")
        self.emitter.shapes[layer.name] = shape
        return Value(layer.name, shape, order, layer.name)


def _theirs(shape: Shape, order: Order) -> Shape:
    return tuple(shape[axis] for axis in order)


def _agrees(shape: Shape, sizes: tuple[int | None, ...]) -> bool:
    return all(size is None or own == size for own, size in zip(shape, sizes))


def _open(layer: Layer, sizes: tuple[int | None, ...] | None) -> UsageError:
    if sizes is None:
        return UsageError("the file does not state the shape of its input", "give it: --input 3x224x224")
    axis = next(number for number, size in enumerate(sizes, 1) if not size)
    written = ", ".join("None" if size is None else str(size) for size in (None, *sizes))
    ours = placed([size or 0 for size in sizes], default_order(len(sizes)))
    example = "x".join(str(size or 224) for size in ours)
    return UsageError(f"axis {axis} of input {layer.name}, ({written}), is open", f"give its sizes: --input {example}")


def _by_input(names: list[str], given: GivenInputs) -> list[Given | None]:
    """What is given for each input."""
    if given is None:
        return [None] * len(names)
    if isinstance(given, dict):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise UsageError(f"there is no input {unknown[0]}", f"the inputs are {', '.join(names)}")
        return [given.get(name) for name in names]
    if len(given) != len(names):
        raise UsageError(f"{len(given)} inputs are given, the network has {len(names)}: {', '.join(names)}",
                         "write a shape for each, in this order, or name=SHAPE")  # fmt: skip
    return list(given)


def _is_index(layer: Layer) -> bool:
    dtype = layer.config.get("dtype")
    return isinstance(dtype, str) and dtype.startswith(("int", "uint"))


def _needed(operations: list[Operation], outputs: list[str]) -> list[Operation]:
    """The operations on a way to an output."""
    read = set(outputs)
    kept = []
    for operation in reversed(operations):
        if any(output.name in read for output in operation.outputs):
            kept.append(operation)
            read.update(operation.inputs)
            operation.outputs[1:] = [output for output in operation.outputs[1:] if output.name in read]
    return kept[::-1]


def _statistics(operations: list[Operation]) -> list[str]:
    """A sentence about the moving statistics, which Keras counts as parameters."""
    held = {each.name: prod(each.shape) for operation in operations for name, each in operation.buffers.items()
            if name in STATISTICS}  # fmt: skip
    learned = {each.name: prod(each.shape) for operation in operations for each in operation.tensors.values()}
    if not held:
        return []
    count = sum(held.values())
    return [
        f"Keras counts {count:,} moving means and variances among its parameters, "
        f"{count + sum(learned.values()):,} together: here they are buffers"
    ]
