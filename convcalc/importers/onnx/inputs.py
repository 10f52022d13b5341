"""The inputs of an ONNX graph: their shapes, and where their batch axis is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import UsageError
from convcalc.importers.inputs import Given, GivenInputs
from convcalc.importers.onnx.model import INTEGERS, Model, Node, ValueInfo
from convcalc.importers.onnx.wire import unreadable

# An open batch axis gets a size that no other axis is likely to have, or to divide, so that it is found again.
OPEN_BATCH = 8_191
_SAME_AXES = frozenset(("Cast", "Identity", "Pad", "Add", "Sub", "Mul", "Div", "Clip", "Dropout"))
_RECURRENT = frozenset(("LSTM", "GRU", "RNN"))


class GraphInput(NamedTuple):
    """An input with its shape in ONNX, and the axis of its batch; `order` moves its channels to the front."""

    name: str
    shape: Shape
    batch: int | None
    is_index: bool
    order: tuple[int, ...] | None = None


class Attempt(NamedTuple):
    """One reading of the inputs: the size of the batch, and the axis of it in each input."""

    batch: int
    inputs: list[GraphInput]

    @property
    def has_batch(self) -> bool:
        """Whether an input has a batch axis."""
        return any(each.batch is not None for each in self.inputs)


def attempts(model: Model, infos: list[ValueInfo], given: GivenInputs) -> Iterator[Attempt]:
    """The ways in which the inputs can be understood, the likely ones first."""
    shapes = _given_to(infos, given)
    readers = _readers(model, infos)
    steps = {info.name: 1 if any(map(_reads_steps, readers[info.name])) else 0 for info in infos}
    firsts = [info.sizes[steps[info.name]] for info in infos if info.sizes and len(info.sizes) > steps[info.name]]
    fixed = [size for size in firsts if isinstance(size, int)]
    sizes = [1] if not firsts or len(set(fixed)) > 1 or 1 in fixed else [fixed[0]] if fixed else [OPEN_BATCH, 1]
    for batch in sizes:
        yield Attempt(
            batch, [_input(readers[info.name], info, shapes.get(info.name), batch, steps[info.name]) for info in infos]
        )
    if all(isinstance(size, int) for size in firsts):
        yield Attempt(1, [_input(readers[info.name], info, shapes.get(info.name), 1, None) for info in infos])


def _readers(model: Model, infos: list[ValueInfo]) -> dict[str, list[Node]]:
    """The nodes that read each input, some through others that keep its axes."""
    assert model.graph is not None
    source = {info.name: info.name for info in infos}
    readers: dict[str, list[Node]] = {info.name: [] for info in infos}
    for node in model.graph.nodes:
        read = {source[name] for name in node.inputs if name in source}
        if node.operator in _SAME_AXES and len(read) == 1 and node.outputs:
            source[node.outputs[0]] = read.pop()
            continue
        for name in read:
            readers[name].append(node)
    return readers


def _reads_steps(node: Node) -> bool:
    """Whether a node reads a sequence whose first axis is the steps, and whose second is the batch."""
    return node.operator in _RECURRENT and not node.attributes.get("layout")


def _given_to(infos: list[ValueInfo], given: GivenInputs) -> dict[str, Given]:
    """The shapes of `--input`, by the names of the inputs."""
    names = [info.name for info in infos]
    if given is None:
        return {}
    if isinstance(given, dict):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise UsageError(f"the network has no input `{unknown[0]}`", f"its inputs are {', '.join(names)}")
        return given
    if len(given) > len(names):
        raise UsageError(f"--input has {len(given)} shapes, the network {len(names)} inputs: {', '.join(names)}")
    return dict(zip(names, given))


def _input(readers: list[Node], info: ValueInfo, given: Given | None, batch: int, axis: int | None) -> GraphInput:
    sizes = info.sizes
    if sizes is None:
        if given is None:
            raise UsageError(f"the shape of the input `{info.name}` is open", "give it: --input 3x224x224")
        sizes = (None, *given.shape)
    if axis is not None and (
        len(sizes) <= axis or (sizes[axis] not in (batch, None) and not isinstance(sizes[axis], str))
    ):
        axis = None
    if given is not None:
        sizes = _matched(info.name, sizes, given.shape, axis)
    shape = []
    for at, size in enumerate(sizes):
        if at == axis:
            size = batch
        if not isinstance(size, int) or size < 1:
            named = f"`{size}`" if isinstance(size, str) else f"number {at}"
            raise UsageError(
                f"axis {named} of the input `{info.name}` ({_written(info)}) is open",
                f"give the input without the batch: --input {_example(sizes, axis)}",
            )
        shape.append(size)
    order = _channels_first(readers, len(shape)) if axis == 0 else None
    return GraphInput(info.name, tuple(shape), axis, info.dtype in INTEGERS, order)


def _matched(
    name: str, sizes: tuple[int | str | None, ...], given: Shape, axis: int | None
) -> tuple[int | str | None, ...]:
    """The sizes of an input with those that are given; channels may be given first where the file has them last."""
    open_ = [at for at in range(len(sizes)) if at != axis]
    candidates = [given, (*given[1:], *given[:1])] if len(given) > 1 else [given]
    for shape in candidates:
        if len(shape) != len(open_):
            continue
        stated = [sizes[at] for at in open_]
        if all(not isinstance(size, int) or size == wanted for size, wanted in zip(stated, shape)):
            merged: list[int | str | None] = list(sizes)
            for at, wanted in zip(open_, shape):
                merged[at] = wanted
            return tuple(merged)
    stated_text = "x".join(str(sizes[at] or "?") for at in open_)
    raise UsageError(f"--input {format_shape(given)} does not fit the input `{name}`: the file has {stated_text}")


def _channels_first(readers: list[Node], rank: int) -> tuple[int, ...] | None:
    """The order that puts the channels of an input first, where the network does that with it and nothing else."""
    wanted = [0, rank - 1, *range(1, rank - 1)]
    moves = [node for node in readers if node.operator != "Shape"]
    is_moved = all(node.operator == "Transpose" and node.attributes.get("perm") == wanted for node in moves)
    return tuple(wanted) if rank > 2 and moves and is_moved else None


def _written(info: ValueInfo) -> str:
    return "x".join("?" if size is None else str(size) for size in info.sizes or ())


def _example(sizes: tuple[int | str | None, ...], axis: int | None) -> str:
    return "x".join(str(size) if isinstance(size, int) else "224" for at, size in enumerate(sizes) if at != axis)


def check_inputs(model: Model, infos: list[ValueInfo]) -> None:
    """Raise SpecError for a graph without inputs, or with one that is no tensor."""
    if not infos:
        raise unreadable(model.path, "the graph has no input")
