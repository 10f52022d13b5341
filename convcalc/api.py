"""The Python API: load, loads, analyse, compare, difference, zoo."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.analysis.analyse import Analysis
from convcalc.errors import UsageError
from convcalc.language.overrides import as_value, input_shape, unknown_param
from convcalc.language.parse import parse
from convcalc.network.build import Overrides, build
from convcalc.network.graph import Graph
from convcalc.report.report import Report
from convcalc.targets import names
from convcalc.targets.find import find, unknown_variant
from convcalc.targets.target import Target
from convcalc.text.source import Source, Value

if TYPE_CHECKING:
    from convcalc.report.comparison import Comparison
    from convcalc.report.difference import Difference

Shape = str | Sequence[int] | Mapping[str, Sequence[int]]


def load(
    target: str | os.PathLike[str],
    *,
    params: Mapping[str, Any] | None = None,
    input: Shape | None = None,
    sharing: str | None = None,
) -> Graph:
    """Read a spec and expand it to a graph of layers.

    `target` is a file, FILE@VARIANT, REV:FILE for a file at a git revision, or the name of a shipped spec or variant
    ("lenet", "resnet50"). `params` and `input` replace the spec's; `sharing` ("full" or "none") rewrites every
    convolution so.

    Raises SpecError, which holds every problem of the file, or UsageError for a target or a param that is not there.
    """
    return load_target(find(os.fspath(target)), overrides(params, input, sharing))


def loads(
    text: str,
    *,
    variant: str | None = None,
    params: Mapping[str, Any] | None = None,
    input: Shape | None = None,
    sharing: str | None = None,
    name: str = "<text>",
) -> Graph:
    """The same from the text of a spec; `name` stands for the file in messages.

    A text includes shipped specs; other files only where `name` is that of a file, beside which they lie.
    """
    return load_target(Target(name, Source(name, text, name), variant, None), overrides(params, input, sharing))


def analyse(
    target: str | os.PathLike[str] | Graph,
    *,
    params: Mapping[str, Any] | None = None,
    input: Shape | None = None,
    sharing: str | None = None,
    dtype: str = "float32",
    batch: int = 1,
) -> Report:
    """All figures of a network: a Report of plain rows and their totals.

    `dtype` and `batch` scale the byte figures; every other figure is of one sample.
    """
    if isinstance(target, Graph):
        if params or input is not None or sharing is not None:
            raise UsageError("params, input and sharing are given when the graph is loaded")
        return Report(Analysis(target), target=target.source.name, dtype=dtype, batch=batch)
    graph = load(target, params=params, input=input, sharing=sharing)
    return Report(Analysis(graph), target=os.fspath(target), dtype=dtype, batch=batch)


def compare(*targets: str | os.PathLike[str] | Report, without_pooling: bool = False) -> Comparison:
    """What sharing saves in one network, or several networks side by side.

    `without_pooling` adds what the dense layers of a single network would cost if its pooling were left out.
    """
    from convcalc.report.comparison import Comparison

    reports = [target if isinstance(target, Report) else analyse(target) for target in targets]
    return Comparison(reports, without_pooling=without_pooling)


def difference(old: str | os.PathLike[str] | Report, new: str | os.PathLike[str] | Report) -> Difference:
    """What differs between two networks: their layers one by one, and every total before and after."""
    from convcalc.report.difference import Difference

    before, after = [each if isinstance(each, Report) else analyse(each) for each in (old, new)]
    return Difference(before, after)


def zoo() -> list[str]:
    """The targets of every shipped spec and variant."""
    return names.targets()


def overrides(params: Mapping[str, Any] | None, input: Shape | None, sharing: str | None) -> Overrides:
    """What a call changes of the file."""
    if sharing not in (None, "full", "none"):
        raise UsageError(f"sharing cannot be `{sharing}`", "use full or none")
    shape: Value = None
    if input is not None:
        shape = input_shape(input) if isinstance(input, str) else as_value(input)
    return Overrides({name: as_value(value) for name, value in (params or {}).items()}, shape, sharing)


def load_target(target: Target, changes: Overrides) -> Graph:
    """The graph of a target that was found."""
    spec, problems = parse(target.source)
    if target.variant is not None and target.variant not in spec.variants:
        raise unknown_variant(target.source, target.variant, list(spec.variants))
    for name in changes.params:
        if name not in spec.params.pairs and not target.source.incomplete:
            raise unknown_param(name, spec.params.pairs, target.label)
    return build(spec, problems, target.variant, changes)
