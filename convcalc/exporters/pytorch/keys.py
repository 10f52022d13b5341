"""What is set when all modules are there: shared and frozen parameters; and the map of changed names."""

from __future__ import annotations

import re

from convcalc.exporters.network import Leaf, Network, Piece
from convcalc.exporters.pytorch.names import is_attribute
from convcalc.exporters.pytorch.steps import Builder, problem


def paths(root: Piece, builder: Builder) -> dict[int, str]:
    """The path of each layer in the exported module, by its number."""
    found: dict[int, str] = {}

    def visit(piece: Piece, prefix: str, is_class: bool) -> None:
        items = builder.attributes(piece) if is_class else list(zip(piece.items, builder.member_names(piece)))
        for item, word in items:
            if isinstance(item, Leaf):
                found[item.index] = prefix + word
            else:
                visit(item, f"{prefix}{word}.", item.prefix in builder.classes)

    visit(root, "", True)
    return found


def key_map(root: Piece, builder: Builder) -> str:
    """A comment with the names that the module has in place of those of the spec; empty where there are none."""
    known = paths(root, builder)
    changed: dict[str, str] = {}
    for leaf in root.leaves():
        name, path = leaf.node.name, known[leaf.index]
        if name != path and builder.has_state(leaf):
            old, new = (re.sub(r"(?<=\.)\d+(?=\.)", "*", each).split(".") for each in (name, path))
            depth = next(place for place, (one, other) in enumerate(zip(old, new)) if one != other) + 1
            changed.setdefault(".".join(old[:depth]), ".".join(new[:depth]))
    if not changed:
        return ""
    lines = ["# Names of the spec and of the module:", *(f"#   {old} -> {new}" for old, new in changed.items())]
    return "\n" + "\n".join(lines) + "\n"


def states(network: Network, root: Piece, builder: Builder) -> list[str]:
    """The statements that share and freeze parameters."""
    known = paths(root, builder)
    leaves = {leaf.index: leaf for leaf in root.leaves()}
    whole = _tied_pieces(root, known, leaves)
    lines = [f"tie({_module(path)}, {_module(owner)})" for path, owner in whole.items()]
    for leaf in leaves.values():
        is_done = any(known[leaf.index].startswith(f"{path}.") for path in whole)
        if leaf.node.tied_to is not None and not is_done:
            lines += _tie(network, builder, known, leaf, leaves[leaf.node.tied_to])
    return lines + _frozen(root, builder, known)


def _tied_pieces(root: Piece, known: dict[int, str], leaves: dict[int, Leaf]) -> dict[str, str]:
    """The largest pieces whose parameters are all those of another piece: their paths, with those of the owners."""
    found: dict[str, str] = {}

    def owner_of(piece: Piece) -> tuple[str, str] | None:
        depth = piece.prefix.count(".") + 1
        pairs = set()
        for leaf in piece.leaves():
            if not leaf.node.layer.has_parameters:
                continue
            if leaf.node.tied_to is None or leaf.node.tied_terms is not None:
                return None
            own, other = known[leaf.index].split("."), known[leaves[leaf.node.tied_to].index].split(".")
            rest = len(own) - depth
            if len(other) <= rest or other[len(other) - rest :] != own[depth:]:
                return None
            pairs.add((".".join(own[:depth]), ".".join(other[: len(other) - rest])))
        return pairs.pop() if len(pairs) == 1 else None

    def visit(piece: Piece) -> None:
        for item in piece.items:
            if isinstance(item, Leaf):
                continue
            pair = owner_of(item)
            if pair is not None:
                found[pair[0]] = pair[1]
            else:
                visit(item)

    visit(root)
    return found


def _tie(network: Network, builder: Builder, known: dict[int, str], leaf: Leaf, owner: Leaf) -> list[str]:
    path, other = known[leaf.index], known[owner.index]
    codes = builder.code(leaf), builder.code(owner)
    if not any(code.is_parameter for code in codes) and leaf.node.tied_terms is None:
        return [f"tie({_module(path)}, {_module(other)})"]
    terms = sorted(leaf.node.tied_terms or ["weight"])
    lines = []
    for term in terms:
        own, its = (_attribute(each, code.is_parameter, term) for each, code in zip((path, other), codes))
        if codes[1].is_parameter != codes[0].is_parameter and term == "parameter":
            its = _attribute(other, codes[1].is_parameter, "weight")
            own = _attribute(path, codes[0].is_parameter, "weight")
        lines.append(f"{own} = {its}")
    if not lines:
        builder.problems.append(problem(network, leaf, "the parameters that it shares have no name in PyTorch"))
    return lines


def _attribute(path: str, is_parameter: bool, term: str) -> str:
    """The text of a parameter."""
    module, _, name = path.rpartition(".") if is_parameter else (path, "", term)
    return f'self.get_submodule("{module}").{name}' if module else f"self.{name}"


def _frozen(root: Piece, builder: Builder, known: dict[int, str]) -> list[str]:
    """The statements that freeze parameters: one for the largest pieces that are frozen as a whole."""
    lines: list[str] = []

    def weighted(piece: Piece) -> list[Leaf]:
        return [leaf for leaf in piece.leaves() if leaf.node.layer.has_parameters]

    def visit(piece: Piece) -> None:
        for item in piece.items:
            if isinstance(item, Leaf):
                if item.node.layer.has_parameters and not item.node.trainable:
                    path = known[item.index]
                    is_parameter = builder.code(item).is_parameter
                    text = f'self.get_parameter("{path}")' if is_parameter else _module(path)
                    lines.append(f"{text}.requires_grad_(False)")
            elif weighted(item) and not any(leaf.node.trainable for leaf in weighted(item)):
                first = weighted(item)[0]
                depth = item.prefix.count(".") + 1
                lines.append(f"{_module('.'.join(known[first.index].split('.')[:depth]))}.requires_grad_(False)")
            else:
                visit(item)

    visit(root)
    return lines


def _module(path: str) -> str:
    return f"self.{path}" if is_attribute(path) else f'self.get_submodule("{path}")'
