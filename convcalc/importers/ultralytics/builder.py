"""Collects the operations of a network while its modules are written down one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from convcalc import bounds, layers
from convcalc.arith.shape import Shape
from convcalc.importers.defaults import only_set
from convcalc.importers.network import Module, Operation, Output, Tensor
from convcalc.layers.parameters import LayerError

P = ParamSpec("P")
R = TypeVar("R", covariant=True)
MAX_SIZE = 2**48  # of an axis
_NORM_AXIS = {"batch_norm2d": 0, "layer_norm": -1}  # one weight and one bias for each place of that axis
_PARAMETERS = ("parameter", "layer_scale")  # these are a parameter themselves, not a module that holds one


class Value(NamedTuple):
    """A tensor of the network: its name among all values, and its shape."""

    name: str
    shape: Shape

    @property
    def channels(self) -> int:
        return self.shape[0]


class Builder:
    """The operations so far, and the modules that are open.

    `activation` is the layer type after a convolution, with its parameters. `place` is the row that is being read.
    `first_kernel` is the size of the first kernel of a bottleneck.
    `remarks` are sentences about what differs from the source.
    `texts` are vectors of texts, and `prompt` is a mask that shows an object, in networks that read them.
    """

    def __init__(self, activation: tuple[str, dict[str, Any]] = ("silu", {})) -> None:
        self.operations: list[Operation] = []
        self.modules: tuple[Module, ...] = ()
        self.activation = activation
        self.place = ""
        self.remarks: list[str] = []
        self.first_kernel = 3
        self.texts: Value | None = None
        self.prompt: Value | None = None

    @contextmanager
    def inside(self, name: str, kind: str = "", call: int = 0) -> Iterator[None]:
        """Open a module, for its first or a later call: what is given meanwhile is inside it."""
        around = self.modules
        self.modules = (*around, Module(name, kind, call))
        try:
            yield
        finally:
            self.modules = around

    def give(
        self,
        type: str,
        inputs: list[Value],
        parameters: Mapping[str, Any] | None = None,
        name: str = "",
        *,
        tensors: Mapping[str, Shape] | None = None,
        trainable: bool = True,
    ) -> Value:
        """Add a layer, and return its output. Raises LayerError where it does not fit its inputs.

        `tensors` are its parameters, where they do not follow from the layer.
        """
        found = layers.find(type)
        assert found is not None
        set_ = only_set(type, dict(parameters or {}))
        layer = found.build(set_)
        shapes = tuple(value.shape for value in inputs)
        shape = layer.output_shape(shapes)
        prefix = ".".join(filter(None, (*(module.name for module in self.modules), name)))
        operation = self._add(type, inputs, shape, name)
        operation.parameters = set_
        if tensors is None:
            axis = _NORM_AXIS.get(type)
            vector = (shape[axis],) if axis is not None else ()
            tensors = {"weight": vector, "bias": vector} if vector else layer.tensors(shapes, shape)
        for term, sizes in tensors.items():
            full = prefix if type in _PARAMETERS else f"{prefix}.{term}"
            operation.tensors[term] = Tensor(full, sizes, trainable)
        if type == "batch_norm2d":
            running = {"running_mean": shape[:1], "running_var": shape[:1], "num_batches_tracked": ()}
            operation.buffers = {term: Tensor(f"{prefix}.{term}", sizes) for term, sizes in running.items()}
        return Value(operation.output.name, shape)

    def buffer(self, name: str, shape: Shape) -> Value:
        """Add a fixed tensor that a module holds."""
        value = self.give("constant", [], {"shape": list(shape)}, name)
        full = ".".join((*(module.name for module in self.modules), name))
        self.operations[-1].buffers = {"constant": Tensor(full, shape)}
        return value

    def part(self, value: Value, part: str) -> Value:
        """A further output of the layer that gives a value, of the same shape: the indices of a choice."""
        operation = self.operations[int(value.name[1:])]
        output = Output(f"{value.name}.{part}", value.shape, part)
        operation.outputs.append(output)
        return Value(output.name, output.shape)

    def unknown(self, type: str, inputs: list[Value], shape: Shape, tensors: dict[str, Shape], name: str = "") -> Value:
        """Add an operator that the language does not have, with its output shape and its parameters."""
        prefix = ".".join(filter(None, (*(module.name for module in self.modules), name)))
        operation = self._add(type, inputs, shape, name)
        operation.known = False
        operation.tensors = {term: Tensor(f"{prefix}.{term}", sizes) for term, sizes in tensors.items()}
        return Value(operation.output.name, shape)

    def _add(self, type: str, inputs: list[Value], shape: Shape, name: str) -> Operation:
        if any(size > MAX_SIZE for size in shape):
            raise LayerError("too-large", f"its output would have over {MAX_SIZE:,} places along an axis")
        if len(self.operations) >= bounds.MAX_LAYERS:
            message = f"the network has over {bounds.MAX_LAYERS:,} layers"
            raise LayerError("too-large", message, help=bounds.how_to_raise("MAX_LAYERS"))
        operation = Operation(
            type,
            [value.name for value in inputs],
            [Output(f"v{len(self.operations)}", shape)],
            modules=self.modules,
            name=name,
            place=self.place,
        )
        self.operations.append(operation)
        return operation


class ModuleWriter(Protocol[P, R]):
    """What `module` makes of a function: its second argument is the name of the module."""

    def __call__(self, net: Builder, name: str, /, *args: P.args, **kwargs: P.kwargs) -> R: ...


def module(kind: str) -> Callable[[Callable[Concatenate[Builder, P], R]], ModuleWriter[P, R]]:
    """Make of a function that writes down the inside of a module one that opens a module of that class."""

    def decorate(function: Callable[Concatenate[Builder, P], R]) -> ModuleWriter[P, R]:
        @wraps(function)
        def opened(net: Builder, name: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with net.inside(name, kind):
                return function(net, *args, **kwargs)

        return opened

    return decorate
