"""The input sizes that fit a network, as sheets and as records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from convcalc.analysis.input_axes import input_axes
from convcalc.arith.shape import format_shape
from convcalc.render.cells import UNKNOWN
from convcalc.render.printout import Record
from convcalc.render.report import inputs
from convcalc.render.sheet import Head, Sheet
from convcalc.report.size_set import SizeRun, SizeSet
from convcalc.report.sizes import Sizes
from convcalc.text.files import target_label

SHOWN = 3  # how many sizes of a pattern are written out, and half of how many runs of sizes
LABELS = {
    "works": "works",
    "keeps_parameters": "keeps the parameters",
    "drops_nothing": "drops nothing",
    "strides_divide": "strides divide",
    "centred": "crops evenly",
    "as_large": "output as large",
    "fits": "all of these",
}


@dataclass(frozen=True, slots=True)
class SizesPrintout:
    """The input sizes that fit a network, and below them the size of each layer's map as a formula."""

    sizes: Sizes
    title = "Sizes"

    def sheets(self, width: int | None) -> list[Sheet]:
        return [_answers(self.sizes), *([_maps(self.sizes)] if self.sizes.maps else [])]

    def data(self) -> dict[str, Any]:
        return self.sizes.to_dict()

    def records(self) -> Iterator[Record]:
        """One record for each size."""
        for index, record in enumerate(self.sizes.records()):
            if not index:
                yield list(record)
            yield [str(value).lower() if isinstance(value, bool) else value for value in record.values()]


def _answers(sizes: Sizes) -> Sheet:
    heads = [Head("the network", importance=100, role="name"), Head("for n", importance=100, wrap=True)]
    found = {name: getattr(sizes, name) for name in LABELS}
    if found["strides_divide"] == found["drops_nothing"]:
        del found["strides_divide"]
    rows = [(LABELS[name], words(each)) for name, each in found.items() if each is not None]
    graph, refused = sizes.graph, sizes.refused
    own = inputs(graph.inputs)
    facts = []
    if refused is not None and refused.problem is not None:
        problem = refused.problem
        facts.append((f"at {refused.size}", f"{problem.subject}: {problem.message}".removeprefix(": ")))
    if sizes.resized is not None:
        facts.append(("parameters", f"{sizes.resized} is the first layer whose parameter count depends on n"))
    notes = [
        f"every n from {sizes.tried.start} to {sizes.tried.stop - 1} was tried; `and up` and … go up to the last one",
        f"keeps the parameters: each layer has as many as for {own}, so that trained weights fit",
        "drops nothing: no convolution or pooling leaves out a row or column of its input",
    ]
    if "strides_divide" in found:
        notes.append("strides divide: nor of its padding; the last line does not require this")
    if sizes.as_large is not None:
        notes.append("output as large: as the input, as it is in the spec's own network")
    if sizes.own is None:
        notes.append(f"{own} is not one of these sizes, because its axes differ: --axis varies one of them")
    return Sheet(_title(sizes, own), heads, rows, facts=facts, notes=notes)


def _title(sizes: Sizes, own: str) -> str:
    graph = sizes.graph
    target = target_label(sizes.target)
    name = graph.name or target
    label = name if name == target else f"{name} ({target})"
    axes = dict.fromkeys(
        input_axes(graph, tensor)[axis] for tensor, input in enumerate(graph.inputs) for axis in sizes.axes[input]
    )
    return f"{label} · input {own} · {' = '.join(axes)} = n"


def _maps(sizes: Sizes) -> Sheet:
    known = all(each.sizes for each in sizes.maps)
    unknown = "" if known else f"{UNKNOWN}: no formula in n: the size is that of another map, or not linear in n"
    heads = [
        Head("layer", importance=100, role="name"),
        Head("type", importance=40, role="type"),
        Head("size of its map", importance=95, note=unknown),
        Head("at its own" if sizes.own is None else f"at {sizes.own}", importance=80),
        Head("first to drop at", importance=70, wrap=True),
    ]
    rows = [
        (
            each.layer,
            each.type,
            " x ".join(map(str, each.sizes)) or UNKNOWN,
            format_shape(each.own if len(set(each.own)) > 1 else each.own[:1]),
            words(each.drops_first, brief=True) if each.drops_first else "",
        )
        for each in sizes.maps
    ]
    if not any(row[-1] for row in rows):
        return Sheet("", heads[:-1], [row[:-1] for row in rows])
    note = "first to drop: the sizes at which this layer leaves out a row or column and no earlier layer does"
    heads[-1] = heads[-1]._replace(note=note)
    return Sheet("", heads, rows)


def words(sizes: SizeSet, *, brief: bool = False) -> str:
    """A set of sizes in words; `brief` does not describe the pattern.

    >>> tried = range(1, 101)
    >>> words(SizeSet([5, *range(9, 101)], tried)), words(SizeSet(range(1, 101), tried)), words(SizeSet([], tried))
    ('5, 9 and up', 'every size', 'none')
    >>> words(SizeSet(range(16, 101, 16), tried)), words(SizeSet(range(12, 101, 16), tried))
    ('16, 32, 48, … (multiples of 16)', '12, 28, 44, … (12 more than a multiple of 16)')
    """
    if not sizes:
        return "none"
    if len(sizes.members) == len(sizes.tried):
        return "every size"
    parts = [_block(block, sizes.tried.stop, brief) for block in sizes.blocks]
    hidden = len(parts) - 2 * SHOWN
    mark = "; " if any(block.step for block in sizes.blocks) else ", "
    return mark.join(parts[: 2 * SHOWN]) + (f"{mark}and {hidden} more such" if hidden > 0 else "")


def _block(block: SizeRun, stop: int, brief: bool) -> str:
    if not block.step:
        if block.last == stop - 1 and block.width > 1:
            return f"{block.first} and up"
        return _run(block.first, block.last)
    runs = [_run(first, first + block.width - 1) for first in islice(_starts(block), SHOWN)]
    open_ended = block.last + block.step >= stop
    last = "" if open_ended else f" {_run(block.last - block.width + 1, block.last)}"
    text = f"{', '.join(runs)}, …{last}"
    return text if brief else f"{text} ({_pattern(block)})"


def _starts(block: SizeRun) -> range:
    return range(block.first, block.last + 1, block.step)


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}, {last}" if last == first + 1 else f"{first} to {last}"


def _pattern(block: SizeRun) -> str:
    """
    >>> _pattern(SizeRun(63, 575, 32)), _pattern(SizeRun(17, 599, 2)), _pattern(SizeRun(63, 577, 32, 3))
    ('1 less than a multiple of 32', 'odd', 'every 32')
    """
    rest = block.first % block.step
    if block.width > 1:
        return f"every {block.step}"
    if block.step == 2:
        return "odd" if rest else "even"
    if rest == 0:
        return f"multiples of {block.step}"
    if rest == block.step - 1:
        return f"1 less than a multiple of {block.step}"
    return f"{rest} more than a multiple of {block.step}"
