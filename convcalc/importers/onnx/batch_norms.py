"""Batch norms that an exporter has folded into convolutions: where they were, and the way to put them back."""

from __future__ import annotations

import re

from convcalc.importers.network import ForeignNetwork, Module, Operation, Output, Tensor
from convcalc.importers.onnx.naming import Nodes, Scope, is_anonymous, modules_of, of_tensorflow, scopes_of

RULE, ZEROS = "FuseBatchNormIntoConv", "RemoveOptionalBias"
_RANK = re.compile(r"conv(?:_transpose)?(?P<rank>[123]d)")


def fold_remarks(network: ForeignNetwork, nodes: Nodes, restore: bool) -> None:
    """Say how many batch norms are folded into convolutions; or put them back."""
    dropped = [each for each in network.operations if _has_lost_zeros(each, nodes)]
    for each in dropped:
        each.lost_bias = True
    if dropped:
        count = f"{len(dropped)} layers have" if len(dropped) > 1 else "1 layer has"
        network.remarks.append(f"{count} no bias because the exporter leaves out zeros")
    folded = [operation for operation in network.operations if _is_folded(operation, nodes, network.format)]
    if not folded:
        return
    count = f"{len(folded)} batch norms are" if len(folded) > 1 else "1 batch norm is"
    into = "convolutions" if len(folded) > 1 else "a convolution"
    if not restore:
        network.remarks.append(f"{count} folded into {into}; --restore-batch-norm puts them back")
        return
    network.remarks.append(f"{count} put back that the exporter had folded into {into}")
    places = {".".join(module.name for module in operation.modules) for operation in network.operations}
    renamed: dict[str, str] = {}
    result: list[Operation] = []
    for operation in network.operations:
        operation.inputs = [renamed.get(name, name) for name in operation.inputs]
        result.append(operation)
        if any(operation is each for each in folded):
            norm = _norm(operation, nodes, places)
            renamed[operation.output.name] = norm.output.name
            result.append(norm)
    network.operations = result
    network.outputs = [renamed.get(name, name) for name in network.outputs]


def _has_lost_zeros(operation: Operation, nodes: Nodes) -> bool:
    """Whether the exporter has left out a bias that was zero."""
    rules = nodes[id(operation)].metadata.get("pkg.onnxscript.rewriter.rule_name", "")
    return ZEROS in rules and RULE not in rules and operation.parameters.get("bias") is False


def _is_folded(operation: Operation, nodes: Nodes, format: str) -> bool:
    """Whether a convolution has taken up a batch norm: the exporter says so, or has made up its weights anew."""
    if _RANK.fullmatch(operation.type) is None:
        return False
    node = nodes[id(operation)]
    if RULE in node.metadata.get("pkg.onnxscript.rewriter.rule_name", ""):
        return True
    if "bias" not in operation.tensors:
        return False
    names = [tensor.name for tensor in operation.tensors.values()]
    if any(name.endswith("_fused_bn") for name in names):
        return True
    return "pytorch" in format and all(name.startswith("onnx::Conv") for name in names) and bool(scopes_of(node))


def _norm(operation: Operation, nodes: Nodes, places: set[str]) -> Operation:
    """The batch norm behind a convolution, which loses the bias that it got from it."""
    node = nodes[id(operation)]
    rank = _RANK.fullmatch(operation.type)
    assert rank is not None
    leading = operation.parameters.get("leading_axes", 0)
    channels = operation.output.shape[leading]
    modules, name = _place(operation, scopes_of(node), places, node.outputs[0] if not node.name.startswith("/") else "")
    path = ".".join((*(module.name for module in modules), *([name] if name else [])))
    if path in places:
        path = f"{path}.{operation.output.name}"
    places.add(path)
    bias = operation.tensors.get("bias")
    if bias is not None and (is_anonymous(bias.name) or bias.name.endswith(("weight_bias", "_fused_bn"))):
        del operation.tensors["bias"]
        operation.parameters["bias"] = False
    vector = (channels,)
    return Operation(
        f"batch_norm{rank['rank']}",
        [operation.output.name],
        [Output(f"{operation.output.name}.norm", operation.output.shape)],
        {"leading_axes": leading} if leading else {},
        {"weight": Tensor(f"{path}.weight", vector), "bias": Tensor(f"{path}.bias", vector)},
        {"running_mean": Tensor(f"{path}.running_mean", vector), "running_var": Tensor(f"{path}.running_var", vector),
         "num_batches_tracked": Tensor(f"{path}.num_batches_tracked", ())},
        modules, name, operation.place,
    )  # fmt: skip


def _place(operation: Operation, scopes: list[Scope], places: set[str], output: str) -> tuple[tuple[Module, ...], str]:
    """The modules of the batch norm: those that the node has kept, else those of the next number or of `bn`."""
    own = ".".join(module.name for module in operation.modules)
    kept = of_tensorflow(output.split(":")[0].split("/"))
    if "/" in output and kept and kept[-1].path not in places:
        return modules_of(kept), ""
    if scopes and scopes[-1].path != own:
        return modules_of(scopes), ""
    around, path = operation.modules[:-1], own
    stem, _, last = path.rpartition(".")
    following = f"{stem}.{int(last) + 1}" if last.isdecimal() else path
    if last.isdecimal() and following not in places:
        return (*around, Module(str(int(last) + 1), "BatchNorm2d" if scopes and scopes[-1].kind else "")), ""
    number = re.search(r"\d*$", last)
    return (*around, Module(f"bn{number[0] if number else ''}" if "conv" in last else f"{last}_bn")), ""
