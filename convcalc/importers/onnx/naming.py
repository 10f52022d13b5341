"""The modules and names of operations: from metadata, from the names of nodes, or from the names of their tensors."""

from __future__ import annotations

import re
from typing import NamedTuple

from convcalc.importers.network import ForeignNetwork, Module, Operation
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
        return _of_tensorflow(names)
    return _nested(names[1:-1])


def _of_tensorflow(names: list[str]) -> list[Scope]:
    """The layers in a name such as `StatefulPartitionedCall/model/conv1/Conv2D`."""
    kept = [name for name in names if name not in ("StatefulPartitionedCall", "PartitionedCall")]
    return _nested(kept[1:-1])


def _nested(names: list[str]) -> list[Scope]:
    """Scopes from names that may repeat the name of the scope around them: `layer1`, `layer1.0`, `conv1`."""
    scopes: list[Scope] = []
    before, path = "", ""
    for name in names:
        if before and name.startswith(before + "."):
            path = f"{path}{name[len(before):]}"
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
    found = [_place(operation, nodes[id(operation)]) for operation in network.operations]
    if not any(scopes for scopes, _ in found if scopes is not None):
        found = _between(found)
    for operation, (scopes, name) in zip(network.operations, found):
        operation.modules = _modules(scopes or [])
        operation.name = name


def _place(operation: Operation, node: Node) -> tuple[list[Scope] | None, str]:
    """The modules of an operation and its name; None where nothing tells."""
    scopes, owner = scopes_of(node), owner_of(operation)
    if operation.type in ("parameter", "constant"):
        return _of_value(operation, scopes)
    if not owner or (scopes and (scopes[-1].path == owner or owner == ".".join(scopes[-1].path.split(".")[:-1]) and _is_inside(scopes, owner))):
        return scopes or None, ""
    if not scopes:
        return [Scope(owner)], ""
    parent = owner.rpartition(".")[0]
    last = scopes[-1].path.rpartition(".")[0]
    if parent == last or parent == scopes[-1].path:
        around = scopes[:-1] if parent == last else scopes
        is_call = parent == last and _CALL.fullmatch(scopes[-1].path) is not None
        kind = scopes[-1].kind if is_call else ""
        return [*around, Scope(owner, kind)], ""
    return scopes, ""


def _is_inside(scopes: list[Scope], path: str) -> bool:
    return any(scope.path == path for scope in scopes)


def _of_value(operation: Operation, scopes: list[Scope]) -> tuple[list[Scope] | None, str]:
    """The place of a tensor that is read by itself: it has the name of the tensor."""
    name = next((tensor.name for tensor in operation.tensors.values()), "")
    if not name or is_anonymous(name):
        return scopes or None, ""
    around = [scope for scope in scopes if name.startswith(scope.path + ".")]
    return around or None, name[len(around[-1].path) + 1 :] if around else name


def _modules(scopes: list[Scope]) -> tuple[Module, ...]:
    """Scopes as modules, whose names begin at the module around them."""
    modules, before = [], ""
    for scope in scopes:
        name = scope.path[len(before) + 1 :] if before and scope.path.startswith(before + ".") else scope.path
        plain, _, call = name.partition("@")
        modules.append(Module(plain, scope.kind, int(call) if call.isdecimal() else 0))
        before = scope.path
    return tuple(modules)


def _between(found: list[tuple[list[Scope] | None, str]]) -> list[tuple[list[Scope] | None, str]]:
    """Places for operations that have none: what is around both neighbours that have one."""
    paths = [scopes[-1].path.split(".")[:-1] if scopes else None for scopes, _ in found]
    after: list[list[str] | None] = [None] * len(paths)
    following: list[str] | None = None
    for index in range(len(paths) - 1, -1, -1):
        following = paths[index] if paths[index] is not None else following
        after[index] = following
    result, before = [], None
    for (scopes, name), own, following in zip(found, paths, after):
        before = own if own is not None else before
        if own is None and before and following:
            common = []
            for left, right in zip(before, following):
                if left != right:
                    break
                common.append(left)
            scopes = [Scope(".".join(common))] if common else None
        result.append((scopes, name))
    return result
