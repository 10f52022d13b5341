"""Writes the operations of layers: shapes by the rules of their types, names and places as the layer has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from convcalc import bounds, layers
from convcalc.arith.shape import Shape
from convcalc.importers.keras.values import (
    LAST,
    BrokenLayer,
    NoCounterpart,
    Order,
    Value,
    channels_first,
    default_order,
    placed,
    straight,
)
from convcalc.importers.network import Module, Operation, Output, Tensor
from convcalc.layers.base import LEADING_AXES
from convcalc.layers.parameters import LayerError

# The parameters that count axes from the front, by type.
AXES = {
    "flatten": ("start_axis", "end_axis"), "permute": ("axes",), "concat": ("axis",),
    "softmax": ("axis",), "log_softmax": ("axis",), "glu": ("axis",), "normalize": ("axis",), "select": ("axis",),
    "slice": ("axis",), "chunk": ("axis",), "split": ("axis",), "unsqueeze": ("axis",), "squeeze": ("axis",),
    "sum": ("axis",), "mean": ("axis",), "max": ("axis",), "min": ("axis",), "prod": ("axis",), "var": ("axis",),
    "std": ("axis",), "repeat_interleave": ("axis",), "layer_scale": ("axis",), "stack": ("axis",),
    "flip": ("axes",), "logsumexp": ("axis",),
}  # fmt: skip
# The defaults of such parameters that are not 0.
DEFAULT_AXES = {"flatten": {"start_axis": 0, "end_axis": -1}}


@dataclass(slots=True)
class Emitter:
    """The operations so far, and where the next ones belong.

    `preferred` are the orders for values of an open order, `asked` those in which they are read first, `used` those
    that they have. `leading` counts the axes before those
    that the layer sees: the steps of TimeDistributed. `extra` are parameters that a wrapper sets.
    """

    preferred: dict[str, Order] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    modules: tuple[Module, ...] = ()
    name: str = ""
    place: str = ""
    trainable: bool = True
    leading: int = 0
    extra: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Order] = field(default_factory=dict)
    used: dict[str, Order] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)  # of all values, whole
    makers: dict[str, Operation] = field(default_factory=dict)  # the operation of each value, by its output
    remarks: list[str] = field(default_factory=list)
    steps: int = 0  # how many layers have been called

    @property
    def path(self) -> str:
        """The name of the layer with those of the models around it."""
        return ".".join([*(module.name for module in self.modules), self.name])

    def tensor(self, name: str, *shape: int, trainable: bool = True) -> Tensor:
        """A parameter of the layer."""
        if not all(type(size) is int and size > 0 for size in shape):
            raise BrokenLayer(f"its {name} has the shape {str(list(shape))[:60]}")
        return Tensor(f"{self.path}.{name}", shape, trainable and self.trainable)

    def tensors(self, **shapes: Sequence[int] | None) -> dict[str, Tensor]:
        """Parameters of the layer by name and shape, without those of no shape."""
        return {name: self.tensor(name, *shape) for name, shape in shapes.items() if shape is not None}

    def emit(
        self,
        type_name: str,
        inputs: Sequence[Value],
        order: Order | None = None,
        *,
        name: str | None = "",
        tensors: dict[str, Tensor] | None = None,
        buffers: dict[str, Tensor] | None = None,
        **parameters: Any,
    ) -> Value:
        """The value of a new operation. Without an order it is that of the first input.

        `name` is the layer's own where it is None: for the operation that the layer is there for.
        """
        layer_type = layers.find(type_name)
        assert layer_type is not None
        parameters = {key: _plain(value) for key, value in parameters.items()}
        for key, extra in self.extra.items():
            if key in layer_type.parameters:
                parameters[key] = extra
        if self.leading:
            parameters = self._with_leading(type_name, parameters, inputs)
        parameters = {key: each for key, each in parameters.items() if not _is_default(layer_type, key, each)}
        shapes = tuple(self.shapes[each.name] for each in inputs)
        try:
            shape = layer_type.build(parameters).output_shape(shapes)
        except LayerError as error:
            raise BrokenLayer(str(error.reading("input"))) from None
        operation = Operation(type_name, [each.name for each in inputs], [], parameters, tensors or {}, buffers or {})
        keeps = order is None and inputs and len(shape) == len(shapes[0])
        value = self._add(operation, shape, inputs[0].order if keeps else order, name)
        return value._replace(origin=inputs[0].origin) if keeps and type_name != "permute" else value

    def unknown(self, kind: str, inputs: Sequence[Value], sizes: Shape, tensors: dict[str, Tensor]) -> Value:
        """The value of an operation that the language does not have; `sizes` are in the order of Keras."""
        order = inputs[0].order if inputs and inputs[0].rank == len(sizes) else default_order(len(sizes))
        shape = placed(sizes, order)
        if self.leading:
            shape = (*self.shapes[inputs[0].name][: self.leading], *shape)
        operation = Operation(kind, [each.name for each in inputs], [], {}, tensors, known=False)
        return self._add(operation, shape, order, None)

    def _add(self, operation: Operation, shape: Shape, order: Order | None, name: str | None) -> Value:
        if len(self.operations) >= bounds.MAX_CALLS:
            raise BrokenLayer(f"the network has more than {bounds.MAX_CALLS:,} operations")
        output = Output(f"%{len(self.shapes)}", shape)
        operation.outputs.append(output)
        operation.modules, operation.place = self.modules, self.place
        operation.name = self.name if name is None else name
        self.operations.append(operation)
        self.makers[output.name] = operation
        self.shapes[output.name] = shape
        own = shape[self.leading :]
        return Value(output.name, own, straight(len(own)) if order is None else order)

    def part(self, value: Value, part: str, shape: Shape) -> Value:
        """A further output of the operation that gave a value."""
        operation = self.makers[value.name]
        name = f"{value.name}.{part}"
        if self.leading:
            shape = (*self.shapes[value.name][: self.leading], *shape)
        operation.outputs.append(Output(name, shape, part))
        self.shapes[name] = shape
        return Value(name, shape[self.leading :], straight(len(shape) - self.leading))

    def opened(self, origin: str, rank: int) -> Order:
        """The order of a value that may have any: that in which it is read first."""
        order = self.preferred.get(origin)
        order = order if order is not None and len(order) == rank else default_order(rank)
        self.used[origin] = order
        return order

    def restate(self, value: Value, sizes: Shape) -> Value:
        """The value with the sizes that the source states, which are not those that its operation gives."""
        shape = (*self.shapes[value.name][: self.leading], *placed(sizes, value.order))
        operation = self.makers.get(value.name)
        if operation is None:
            raise BrokenLayer(f"its output has the sizes {list(value.sizes)}, but the source states {list(sizes)}")
        operation.outputs = [
            each._replace(shape=shape) if each.name == value.name else each for each in operation.outputs
        ]
        self.shapes[value.name] = shape
        return value._replace(shape=shape[self.leading :])

    def arranged(self, value: Value, order: Order) -> Value:
        """The value with its axes in that order."""
        if value.origin:
            self.asked.setdefault(value.origin, order)
        if value.order == order:
            return value
        axes = [0] * len(order)
        for theirs, ours in enumerate(order):
            axes[ours] = value.order[theirs]
        return self.emit("permute", [value], order, axes=axes)

    def map(self, value: Value, data_format: str = LAST) -> Value:
        """The value with its channels first."""
        return self.arranged(value, channels_first(value.rank, data_format))

    def tokens(self, value: Value) -> Value:
        """The value in the order of Keras: features last."""
        return self.arranged(value, straight(value.rank))

    @contextmanager
    def inside(self, module: Module) -> Iterator[None]:
        """Operations of a nested model, or of a layer that is several."""
        before = self.modules
        self.modules = (*before, module)
        try:
            yield
        finally:
            self.modules = before

    def _with_leading(self, type_name: str, parameters: dict[str, Any], inputs: Sequence[Value]) -> dict[str, Any]:
        """The parameters for inputs with axes before those that the layer counts."""
        by = self.leading
        found = layers.find(type_name)
        if found is not None and found.layer_class.takes_leading_axes:
            return {**parameters, LEADING_AXES: by}
        parameters = {**DEFAULT_AXES.get(type_name, {}), **parameters}
        for key in AXES.get(type_name, ()):
            parameters[key] = _moved(parameters.get(key, 0), by)
        whole = self.shapes[inputs[0].name] if inputs else ()
        if type_name == "permute":
            parameters["axes"] = [*range(by), *parameters["axes"]]
        elif type_name in ("reshape", "expand"):
            parameters["shape"] = [*whole[:by], *parameters["shape"]]
        elif type_name in ("pad", "crop"):
            key = "padding" if type_name == "pad" else "cropping"
            spatial = len(whole) - 1 - by
            each = parameters[key] if isinstance(parameters[key], list) else [parameters[key]] * spatial
            parameters[key] = [*[0] * by, *each]
        elif type_name in ("conv_lstm1d", "conv_lstm2d", "conv_lstm3d", "einsum", "parameter", "constant", "tile"):
            raise NoCounterpart(type_name)
        return parameters


def _moved(axis: Any, by: int) -> Any:
    if isinstance(axis, list):
        return [_moved(each, by) for each in axis]
    return axis + by if isinstance(axis, int) and axis >= 0 else axis


def _plain(value: Any) -> Any:
    """Lists for tuples, and one number for equal ones of a window."""
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _is_default(layer_type: Any, key: str, value: Any) -> bool:
    default = layer_type.default(key)
    return type(default) is type(value) and default == value
