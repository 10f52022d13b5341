"""The modules and names of operations: from metadata, from the names of nodes, or from the names of their tensors."""

from __future__ import annotations

import re
from typing import NamedTuple

from convcalc.importers.network import ForeignNetwork, Module, Operation
from convcalc.importers.onnx.classes import find_classes
from convcalc.importers.onnx.model import Node

_QUOTED = re.compile(r"'([^']*)'")
_CALL = re.compile(r"(?P<name>.+?)_(?P<call>\d+)")
# Names that an exporter makes up: `onnx::Conv_538`, `val_12`, `/Constant_3_output_0`, `123`.
_ANONYMOUS = re.compile(r"onnx::.*|val_\d+|\d+|/.*|.*[Cc]onstant_\d+.*|_v_\d+|const_fold_opt.*|new_shape.*")


class Scope(NamedTuple):
    """A module around a node: its whole path, and its class where that is known."""

    path: str
    kind: str = ""


Nodes = dict[int, Node]  # by the identity of the operation


def is_anonymous(name: str) -> bool:
    """Whether the name of a tensor is one that an exporter made up."""
    return _ANONYMOUS.fullmatch(name) is not None


def scopes_of(node: Node) -> list[Scope]:
    """The modules around a node, from the outermost; without the network itself."""
    paths = _QUOTED.findall(node.metadata.get("pkg.torch.onnx.name_scopes", ""))
    if paths:
        kinds = _QUOTED.findall(node.metadata.get("pkg.torch.onnx.class_hierarchy", ""))
        kinds += [""] * (len(paths) - len(kinds))
        return [Scope(path, kind.rpartition(".")[2]) for path, kind in zip(paths[1:-1], kinds[1:-1]) if path]
    if "namespace" in node.metadata:
        parts = [part.partition(":") for part in node.metadata["namespace"].split("/")[1:-1]]
        return [Scope(path.strip(), kind.strip().rpartition(".")[2]) for path, _, kind in parts if path.strip()]
    if node.scope:
        return [Scope(".".join(node.scope[: depth + 1])) for depth in range(len(node.scope))]
    names = node.name.split("/")
    if len(names) < 2:
        return []
    if names[0]:
        return of_tensorflow(names)
    return _nested(names[1:-1])


def of_tensorflow(names: list[str]) -> list[Scope]:
    """The layers in a name such as `StatefulPartitionedCall/model/conv1/Conv2D`."""
    kept = [name for name in names if name not in ("StatefulPartitionedCall", "PartitionedCall")]
    return _nested(kept[1:-1])


def _nested(names: list[str]) -> list[Scope]:
    """Scopes from names that may repeat the name of the scope around them: `layer1`, `layer1.0`, `conv1`."""
    scopes: list[Scope] = []
    before, path = "", ""
    for name in names:
        if before and name.startswith(before + "."):
            path = f"{path}{name[len(before) :]}"
        else:
            path = f"{path}.{name}" if path else name
        scopes.append(Scope(path))
        before = name
    return scopes


def owner_of(operation: Operation) -> str:
    """The path of the module that has the tensors of an operation; empty where their names do not tell."""
    for tensor in (*operation.tensors.values(), *operation.buffers.values()):
        path, _, last = tensor.name.rpartition(".")
        if path and last and not is_anonymous(tensor.name):
            return path
    return ""


def name_operations(network: ForeignNetwork, nodes: Nodes) -> None:
    """Give every operation its modules and its name."""
    operations = network.operations
    found = _between(operations, [_place(operation, nodes[id(operation)]) for operation in operations])
    for operation, (scopes, name) in zip(network.operations, found):
        operation.modules = modules_of(scopes)
        operation.name = name
    if not any(module.kind for operation in network.operations for module in operation.modules):
        find_classes(network.operations)


def _place(operation: Operation, node: Node) -> tuple[list[Scope] | None, str]:
    """The modules of an operation and its name; None where nothing tells."""
    scopes, owner = scopes_of(node), owner_of(operation)
    if operation.type in ("parameter", "constant"):
        return _of_value(operation, scopes)
    if not scopes:
        is_outside = bool(node.metadata) or node.name.startswith("/")
        return [Scope(owner)] if owner else [] if is_outside else None, ""
    last = scopes[-1]
    around, _, own = owner.rpartition(".")
    if not own or last.path == owner:
        return scopes, ""
    if around == last.path.rpartition(".")[0]:  # a neighbour: what was joined with it has the name of the other
        is_call = _CALL.fullmatch(last.path) is not None
        return [*scopes[:-1], Scope(owner, last.kind if is_call else "")], ""
    return [*scopes, Scope(owner)] if around == last.path else scopes, ""


def _of_value(operation: Operation, scopes: list[Scope]) -> tuple[list[Scope] | None, str]:
    """The place of a tensor that is read by itself: it has the name of the tensor."""
    name = next((tensor.name for tensor in operation.tensors.values()), "")
    if not name or is_anonymous(name):
        return scopes or None, ""
    around = [scope for scope in scopes if name.startswith(scope.path + ".")]
    return around, name[len(around[-1].path) + 1 :] if around else name


def modules_of(scopes: list[Scope]) -> tuple[Module, ...]:
    """Scopes as modules, whose names begin at the module around them."""
    modules, before = [], ""
    for scope in scopes:
        name = scope.path[len(before) + 1 :] if before and scope.path.startswith(before + ".") else scope.path
        plain, _, call = name.partition("@")
        modules.append(Module(plain, scope.kind, int(call) if call.isdecimal() else 0))
        before = scope.path
    return tuple(modules)


def _between(operations: list[Operation], found: list[tuple[list[Scope] | None, str]]) -> list[tuple[list[Scope], str]]:
    """Places for operations that have none: what is around both neighbours that have one, or around what they read."""
    paths = [scopes[-1].path.split(".") if scopes else None for scopes, _ in found]
    after: list[list[str]] = []
    following: list[str] = []
    for path in reversed(paths):
        following = path or following
        after.append(following)
    result: list[tuple[list[Scope], str]] = []
    before: list[str] = []
    given: dict[str, list[str]] = {}
    for operation, (scopes, name), path, following in zip(operations, found, paths, reversed(after)):
        before = path or before
        if scopes is None:
            read = [given.get(each, []) for each in operation.inputs]
            around = [_common(before, following), _common(*read) if len(read) > 1 else []]
            path = max(around, key=len)
            scopes = [Scope(".".join(path))] if path else []
        given.update({output.name: path or [] for output in operation.outputs})
        result.append((scopes, name))
    return result


def _common(first: list[str], *others: list[str]) -> list[str]:
    """The names that all paths begin with."""
    count = 0
    while all(count < len(each) and each[: count + 1] == first[: count + 1] for each in (first, *others)):
        count += 1
    return first[:count]
