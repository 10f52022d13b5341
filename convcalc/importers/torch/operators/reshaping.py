"""Other shapes for the same elements."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import LIVE, Value


def _reshape(call: Call) -> None:
    call.reshaped(call.input)


def _flatten(call: Call) -> None:
    value = call.input
    start, end = call.get("start_dim", default=0), call.get("end_dim", default=-1)
    if value.rank == 0 or (value.batch is None and value.rank == 1):
        call.reshaped(value)
        return
    start, end = start % value.rank, end % value.rank
    if value.batch is not None and start <= value.batch <= end:
        call.reshaped(value)
        return
    first, last = value.axis(start), value.axis(end)
    if first == last:
        call.same(value)
        return
    batch = value.batch if value.batch is None or value.batch < start else value.batch - (end - start)
    last = -1 if last == len(value.sample) - 1 else last
    call.give("flatten", [value], batch, {"start_axis": first, "end_axis": last})


def _unflatten(call: Call) -> None:
    value, dim = call.input, call.get("dim")
    if value.is_batch(dim):
        call.reshaped(value)
        return
    axis, added = dim % value.rank, len(call.get("sizes", "unflattened_size")) - 1
    batch = value.batch + added if value.batch is not None and value.batch > axis else value.batch
    shape = list(call.shape()[axis : axis + added + 1])
    call.give("unflatten", [value], batch, {"axis": value.axis(dim), "shape": shape})


def permuted(call: Call, value: Value, order: list[int], output: int = 0) -> None:
    """The axes of the source in another order."""
    batch = None if value.batch is None else order.index(value.batch)
    own = [value.axis(axis) for axis in order if not value.is_batch(axis)]
    if own == sorted(own):
        call.alias(value, batch, output)
        return
    moved = [axis for index, axis in enumerate(own) if index != axis]
    if len(moved) == 2:
        call.give("transpose", [value], batch, {"axes": sorted(moved)}, output=output)
    else:
        call.give("permute", [value], batch, {"axes": own}, output=output)


def _permute(call: Call) -> None:
    value = call.input
    permuted(call, value, call.axes(value, call.get("dims")))


def _transpose(call: Call) -> None:
    value = call.input
    order = list(range(value.rank))
    if value.rank:
        first, second = (call.get(*names) % value.rank for names in (("dim0", "axis0"), ("dim1", "axis1")))
        order[first], order[second] = second, first
    permuted(call, value, order)


def _turn(call: Call) -> None:
    """`.T`, `.mT` and t(): the last two axes, or all in reverse order."""
    value = call.input
    order = list(range(value.rank))
    if call.node.operator in ("T", "numpy_T"):
        order = order[::-1]
    elif value.rank > 1:
        order[-2:] = order[-1], order[-2]
    permuted(call, value, order)


def _movedim(call: Call) -> None:
    value = call.input
    source, target = call.axes(value, call.get("source")), call.axes(value, call.get("destination"))
    order: list[int | None] = [None] * value.rank
    for old, new in zip(source, target):
        order[new] = old
    rest = iter(axis for axis in range(value.rank) if axis not in source)
    permuted(call, value, [next(rest) if axis is None else axis for axis in order])


def _squeeze(call: Call) -> None:
    value = call.input
    dim = call.get("dim")
    axes = call.axes(value, dim) if value.rank else []
    gone = [axis for axis in axes if value.shape[axis] == 1]
    gone_batch = value.batch
    if gone_batch is not None:
        gone_batch = None if gone_batch in gone else gone_batch - sum(axis < gone_batch for axis in gone)
    own = [value.axis(axis) for axis in gone if axis != value.batch]
    if not own:
        call.alias(value, gone_batch)
    elif len(own) == 1:
        call.give("squeeze", [value], gone_batch, {"axis": own[0]})
    else:
        shape = Value("", call.shape(), gone_batch).sample
        call.give("reshape", [value], gone_batch, {"shape": list(shape)})


def _unsqueeze(call: Call) -> None:
    value = call.input
    axis = call.get("dim") % (value.rank + 1)
    if value.batch is None and value.origin == LIVE and axis == 0:
        call.alias(value, 0)
        return
    batch = value.batch + 1 if value.batch is not None and axis <= value.batch else value.batch
    own = axis - (batch is not None and axis > batch)
    if value.sample == (1,) and value.rank == int(value.batch is not None):
        call.alias(value, batch)  # a number is a vector of one already
        return
    call.give("unsqueeze", [value], batch, {"axis": own})


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("view", "reshape", "_unsafe_view", "unsafe_view", "view_as", "reshape_as", "_reshape_alias",
                     "ravel", "atleast_1d", "atleast_2d", "atleast_3d"), _reshape),
    "flatten": _flatten,
    "unflatten": _unflatten,
    "permute": _permute,
    "permute_copy": _permute,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("t", "T", "mT", "adjoint", "numpy_T", "H", "mH"), _turn),
    **dict.fromkeys(("movedim", "moveaxis"), _movedim),
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
}  # fmt: skip
