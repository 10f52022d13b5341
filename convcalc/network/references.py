"""References: the tensors that an entry reads, and the bindings of the names that it writes."""

from __future__ import annotations

from typing import Any

from convcalc.language.spec import Entry
from convcalc.layers.parameters import show
from convcalc.network.construction import Construction
from convcalc.network.scope import Binding, NameNotFound, Scope
from convcalc.network.site import Site
from convcalc.problems import nearest
from convcalc.text.source import Mark, YamlList


def tensors_read(site: Site) -> list[int]:
    """The tensors that an entry reads; without `from` those of the entry before it."""
    if not site.has("from"):
        return _previous(site)
    return _tensors_of(site, site.value("from"))


def first_tensor_read(site: Site) -> int:
    """The first tensor that an entry reads; the rest of its `from` is not evaluated."""
    raw = site.entry.get("from")
    if not isinstance(raw, YamlList) or not raw.items:
        return tensors_read(site)[0]
    return _tensors_of(site, [site.plain(raw.items[0], raw.marks[0])])[0]


def _tensors_of(site: Site, references: Any) -> list[int]:
    """The tensors that a plain value of `from` names."""
    if references is None:
        return _previous(site)
    raw, mark = site.entry.get("from"), site.mark("from")
    if not isinstance(references, list):
        references = [references]
    if not references:
        help = "name at least one entry; without `from` it reads the entry before"
        raise site.refuse("wrong-value", "`from` is empty", mark, help)
    tensors: list[int] = []
    for index, reference in enumerate(references):
        place = raw.marks[index] if isinstance(raw, YamlList) else mark
        if reference == "previous":
            tensors.extend(_previous(site))
        else:
            for binding in resolve_reference(site.construction, site.scope, reference, place):
                tensors.extend(binding.tensors)
    return tensors


def _previous(site: Site) -> list[int]:
    """The tensors before an entry. Raises Reported for the first entry of a spec that has several inputs."""
    if site.reads[0] >= 0:
        return list(site.reads)
    raise site.refuse(
        "missing-from",
        "the spec has several inputs: the first entry must name the one that it reads",
        help=f"add `from: {next(iter(site.scope.inputs))}`",
    )


def resolve_reference(
    construction: Construction, scope: Scope, reference: Any, mark: Mark, missing: str = ""
) -> list[Binding]:
    """The bindings of a reference in a scope. Reports an unknown name with the message `missing`; raises Reported."""
    if not isinstance(reference, str):
        message = f"expected the name of an entry here, not {show(reference)}"
        help = "write `previous`, or the `name` of an entry" if isinstance(reference, int) else ""
        raise construction.refuse("wrong-type", message, mark, scope, help)
    tensor = scope.inputs.get(reference, scope.first_input if reference == "input" else None)
    if tensor is not None:
        return [Binding(tensor, 0, 0)]
    try:
        bindings = scope.level.find(reference, construction.further_output)
    except NameNotFound:
        message = missing or f"nothing before this entry is called `{reference}`"
        help = _nearest_output(construction, scope, reference) or _nearest_name(construction, scope, reference)
        raise construction.refuse("unknown-name", message, mark, scope, help) from None
    if construction.trace is not None:
        construction.trace.record_reference(reference, scope.level, mark)
    return bindings


def _nearest_output(construction: Construction, scope: Scope, reference: str) -> str:
    """A suggestion where a reference names a further output that its layer does not have; otherwise an empty string."""
    name, _, part = reference.rpartition(".")
    try:
        owners = scope.level.find(name, construction.further_output)
    except NameNotFound:
        return ""
    layers = [layer for owner in owners if (layer := construction.layer_of(owner.last_copy)) is not None]
    if not layers:
        return ""
    known = [f"{name}.{each}" for each in layers[-1].further_outputs]
    beside = f"beside its output it has {' and '.join(known)}" if known else "it has no output but its own"
    return nearest(part, layers[-1].further_outputs) or f"{name} is {layers[-1].type.name}: {beside}"


def _nearest_name(construction: Construction, scope: Scope, reference: str) -> str:
    """A suggestion for an unknown name."""
    written = reference in _written_names(construction.spec.layers)
    if scope.blocks and written:
        return "a block does not see the names around it: give it a second input under `inputs:`"
    inside = [node.name for node in construction.nodes if node.name.endswith(f".{reference}")]
    if inside:
        return f"did you mean {' or '.join(inside[:2])}?"
    if written:
        return "an entry can only read entries that are before it"
    from convcalc.network.help import name_of_rows  # only a spec with a problem loads it

    hidden = name_of_rows(construction.spec.layers, reference)
    if hidden:
        return hidden
    known = list(dict.fromkeys([*scope.level.visible(), *scope.inputs, "input", "previous"]))
    return nearest(reference, known) or "it can read " + ", ".join(known[-8:])


def _written_names(entries: list[Entry]) -> set[str]:
    names = {str(entry.get("name")) for entry in entries}
    return names.union(*(_written_names(inner) for entry in entries for inner in entry.lists))
