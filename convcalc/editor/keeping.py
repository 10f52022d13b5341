"""The padding that an edit of a kernel takes along, so that the layers of the entry keep their sizes."""

from __future__ import annotations

from typing import Any

from convcalc.editor.places import EntryPlace
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import as_value
from convcalc.network.build import build
from convcalc.network.layer_changes import KEEP_SIZE
from convcalc.text.values import Plain


def padding_that_keeps(place: EntryPlace, key: str, value: Plain) -> dict[str, Any]:
    """The padding with which the layers of an entry keep their sizes with another kernel or dilation.

    Empty where they keep them anyway, and where the network does not build. Raises UsageError where no padding keeps a
    size, or where the layers of the entry would need different ones.
    """
    reading, names = place.reading, place.layers_with(key)
    if reading.spec is None or reading.misread is None or reading.graph is None:
        return {}
    changed = {f"{name}.{key}": as_value(value) for name in names}
    try:
        graph = build(reading.spec, reading.misread, reading.variant, reading.view.with_values(changed, keep_size=True))
    except SpecError as error:
        for problem in error.problems:
            if problem.rule == "no-padding-keeps-size":
                raise UsageError(problem.message, problem.help) from None
        return {}
    assert graph.changes is not None  # keys of layers were changed
    padding: dict[str, dict[str, Any]] = {name: {} for name in names}
    for change in graph.changes.changed:
        if change.by == KEEP_SIZE and change.layer in padding:
            padding[change.layer][change.key] = change.value
    first = padding[names[0]]
    if any(each != first for each in padding.values()):
        raise UsageError(f"the {len(names):,} layers of this entry need different paddings", "set the padding yourself")
    for name in first:
        if place.layers_with(name) != names:
            raise UsageError(f"{name} is written once for all rows", f"give the rows a column {name} for each its own")
    return first
