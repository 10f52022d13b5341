"""The reader of ONNX files."""

from __future__ import annotations

import mmap
import os

from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork, Input
from convcalc.importers.onnx.batch_norms import fold_remarks
from convcalc.importers.onnx.decoding import Decoder
from convcalc.importers.onnx.errors import BatchConflict
from convcalc.importers.onnx.inputs import Attempt, GraphInput, attempts, check_inputs
from convcalc.importers.onnx.model import Model
from convcalc.importers.onnx.naming import name_operations
from convcalc.importers.onnx.patterns import simplify
from convcalc.importers.onnx.sharing import share_tensors
from convcalc.importers.onnx.trace import Trace
from convcalc.importers.onnx.values import BATCH, Constant, Live
from convcalc.importers.onnx.walk import Walk
from convcalc.importers.onnx.wire import Wire, unreadable


def read(path: str, inputs: GivenInputs, restore_batch_norm: bool = False) -> ForeignNetwork:
    """The network of an ONNX file. Raises SpecError and UsageError."""
    model = _decoded(path)
    assert model.graph is not None
    stored = {tensor.name for tensor in model.graph.tensors}
    infos = [info for info in model.graph.inputs if info.name not in stored]
    check_inputs(model, infos)
    failure: BatchConflict | None = None
    for attempt in attempts(model, infos, inputs):
        try:
            return _network(model, attempt, restore_batch_norm)
        except BatchConflict as error:
            failure = error
    place = f" at {failure}" if failure and str(failure) else ""
    raise unreadable(path, f"the network mixes the samples of a batch{place}: convcalc counts one sample by itself")


def _decoded(path: str) -> Model:
    """The file without its weights."""
    try:
        with open(path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise unreadable(path, "the file is empty")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return Decoder(Wire(data, path)).model()
    except (OSError, ValueError) as error:
        raise unreadable(path, f"the file cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _network(model: Model, attempt: Attempt, restore_batch_norm: bool) -> ForeignNetwork:
    assert model.graph is not None
    trace = Trace(attempt.batch)
    walk = Walk(model, trace)
    walk.enter(model.graph)
    network_inputs = []
    for each in attempt.inputs:
        value = _live_input(trace, each, len(attempt.inputs) == 1)
        walk.values[each.name] = value
        name = each.name if len(attempt.inputs) > 1 else "input"
        network_inputs.append(Input(name, value.own, each.is_index))
    walk.run(model.graph.nodes)
    outputs = _outputs(model, walk)
    network = ForeignNetwork(
        os.path.splitext(os.path.basename(model.path))[0],
        f"ONNX, opset {model.opset}" + (f", by {model.producer}" if model.producer else ""),
        network_inputs, outputs, trace.operations,
    )  # fmt: skip
    nodes = dict(zip(map(id, trace.operations), trace.nodes))
    simplify(network, nodes)
    share_tensors(network, trace, nodes)
    name_operations(network, nodes)
    fold_remarks(network, nodes, restore_batch_norm)
    network.remarks += [text.format(count) for text, count in trace.remarks.items()]
    return network


def _live_input(trace: Trace, given: GraphInput, is_single: bool) -> Live:
    own = tuple(size for axis, size in enumerate(given.shape) if axis != given.batch)
    rank = len(given.shape)
    axes = [axis if given.batch is None or axis < given.batch else axis - 1 for axis in range(rank)]
    if given.batch is not None:
        axes[given.batch] = BATCH
    if given.order is not None:
        own = (*own[-1:], *own[:-1])
        axes = [BATCH, *range(1, rank - 1), 0]
    return trace.live("input" if is_single else given.name, own or (1,), axes)


def _outputs(model: Model, walk: Walk) -> list[str]:
    """The names of the values that the network gives; their axes are in the order of the language."""
    assert model.graph is not None
    names = []
    for info in model.graph.outputs:
        value = walk.values.get(info.name)
        if value is None:
            raise unreadable(model.path, f"no node gives the output `{info.name}`")
        if isinstance(value, Constant):
            walk.trace.remark("{} outputs do not depend on an input, and are left out")
            continue
        live = value if value.is_channels_last else walk.trace.settle(value)
        names.append(live.name)
    if not names:
        raise unreadable(model.path, "no output of the graph depends on an input")
    return list(dict.fromkeys(names))
