"""The reader of ONNX files."""

from __future__ import annotations

import mmap
import os
import re

from convcalc.errors import SpecError
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.naming import RESERVED
from convcalc.importers.network import ForeignNetwork, Input
from convcalc.importers.onnx.batch_norms import fold_remarks
from convcalc.importers.onnx.decoding import OWN, Decoder
from convcalc.importers.onnx.errors import BatchConflict
from convcalc.importers.onnx.inputs import Attempt, GraphInput, attempts, check_inputs
from convcalc.importers.onnx.model import Model, Node, ValueInfo
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
    return _likeliest(model, infos, inputs, restore_batch_norm)


def _likeliest(model: Model, infos: list[ValueInfo], inputs: GivenInputs, restore_batch_norm: bool) -> ForeignNetwork:
    """The network by the first reading of its inputs with which every operator is known, or the most of them."""
    best: ForeignNetwork | None = None
    failure: SpecError | None = None
    for attempt in attempts(model, infos, inputs):
        if best is not None and not attempt.has_batch:
            break  # the last resort
        try:
            network = _network(model, attempt, restore_batch_norm)
        except BatchConflict:
            continue
        except SpecError as error:
            failure = failure or error
            continue
        if best is None or _unknown(network) < _unknown(best):
            best = network
        if not _unknown(best):
            break
    if best is not None:
        return best
    raise failure or unreadable(
        model.path, "the network mixes the samples of a batch: convcalc counts one sample by itself"
    )


def _unknown(network: ForeignNetwork) -> int:
    return sum(not operation.known for operation in network.operations)


def _decoded(path: str) -> Model:
    """The file without its weights."""
    try:
        with open(path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise unreadable(path, "the file is empty")
            # It stays open while a tensor has numbers that are not read yet.
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return Decoder(Wire(data, path)).model()
    except (OSError, ValueError) as error:
        raise unreadable(path, f"the file cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _network(model: Model, attempt: Attempt, restore_batch_norm: bool) -> ForeignNetwork:
    assert model.graph is not None
    trace = Trace(attempt.batch, has_torch_names=model.producer in ("pytorch", OWN))
    walk = Walk(model, trace)
    walk.enter(model.graph)
    network_inputs = []
    for each, name in zip(attempt.inputs, _plain_names([each.name for each in attempt.inputs])):
        value = _live_input(trace, each, name)
        walk.values[each.name] = value
        network_inputs.append(Input(name, value.own, each.is_index))
    walk.run(model.graph.nodes)
    outputs = _outputs(model, walk, [each.name for each in network_inputs])
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


def _plain_names(names: list[str]) -> list[str]:
    """The names of inputs as a spec may have them."""
    if len(names) == 1:
        return ["input"]
    plain: list[str] = []
    for name in names:
        cleaned = re.sub(r"\W+", "_", name.split(":")[0], flags=re.ASCII).strip("_") or "input"
        cleaned = f"input_{cleaned}" if cleaned[0].isdecimal() or cleaned in RESERVED else cleaned
        number = 2
        while cleaned in plain:
            cleaned, number = f"{cleaned}_{number}", number + 1
        plain.append(cleaned)
    return plain


def _live_input(trace: Trace, given: GraphInput, name: str) -> Live:
    own = tuple(size for axis, size in enumerate(given.shape) if axis != given.batch)
    rank = len(given.shape)
    axes = [axis if given.batch is None or axis < given.batch else axis - 1 for axis in range(rank)]
    if given.batch is not None:
        axes[given.batch] = BATCH
    if given.order is not None:
        own = (*own[-1:], *own[:-1])
        axes = [BATCH, *range(1, rank - 1), 0]
    return trace.live(name, own or (1,), axes)


def _outputs(model: Model, walk: Walk, inputs: list[str]) -> list[str]:
    """The names of the values that the network gives; their axes are in the order of the language."""
    assert model.graph is not None
    names = []
    last = model.graph.nodes[-1] if model.graph.nodes else Node("Identity", "", "", [], [], {}, {}, 0)
    for info in model.graph.outputs:
        value = walk.values.get(info.name)
        if value is None:
            raise unreadable(model.path, f"no node gives the output `{info.name}`")
        if isinstance(value, Constant):
            walk.trace.remark("{} outputs do not depend on an input, and are left out")
            continue
        live = value if value.is_channels_last else walk.trace.settle(value)
        if live.name in inputs:
            live = walk.trace.emit(last, "identity", [live])
        names.append(live.name)
    if not names:
        raise unreadable(model.path, "no output of the graph depends on an input")
    return list(dict.fromkeys(names))
