"""The Python API: load, loads, analyse, compare, difference, zoo."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from convcalc.analysis.analyse import Analysis
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import InputShape, Overrides
from convcalc.language.parse import parse
from convcalc.network.build import build
from convcalc.network.construction import UnbuiltError
from convcalc.network.graph import Graph
from convcalc.report.report import Report
from convcalc.targets import names
from convcalc.targets.find import find, unknown_variant
from convcalc.targets.target import Target
from convcalc.text.source import Source

if TYPE_CHECKING:
    from torch.nn import Module

    from convcalc.network.trace import Trace
    from convcalc.report.comparison import Comparison
    from convcalc.report.difference import Difference


def load(
    target: str | os.PathLike[str],
    *,
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    python: str | None = None,
) -> Graph:
    """Read a spec and expand it to a graph of layers.

    `target` is a file, FILE@VARIANT, REV:FILE for a file at a git revision, or the name of a shipped spec or variant
    ("lenet", "resnet50"). `params` and `input` replace the spec's; `sharing` ("full" or "none") replaces that of
    every convolution. A name LAYER.KEY in `params`, such as "conv1.kernel_size" or "layer3.*.conv2.kernel_size",
    is a key of the layers whose full names match. `keep_size` then pads a layer of another kernel or dilation so that
    its output keeps its size. A file of another format, such as ONNX, is a target as well, and so is
    `pytorch:MODULE:NAME`; `python` is then the interpreter that has PyTorch and the module.

    Raises SpecError, which holds every problem of the file, or UsageError for a target, a param or a layer that is not
    there.
    """
    found = find(os.fspath(target), input, python)
    return load_target(found, Overrides.of(params, None if found.foreign else input, sharing, keep_size))


def loads(
    text: str,
    *,
    variant: str | None = None,
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    name: str = "<text>",
) -> Graph:
    """The same from the text of a spec; messages call the file `name`.

    A text can include shipped specs. It can include other files only where `name` is the path of a file: included paths
    are relative to it.
    """
    overrides = Overrides.of(params, input, sharing, keep_size)
    return load_target(Target(name, Source(name, text, name), variant, None), overrides)


def analyse(
    target: str | os.PathLike[str] | Graph | Module,
    *,
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    dtype: str = "float32",
    batch: int = 1,
    python: str | None = None,
) -> Report:
    """All figures of a network: a Report of plain rows and their totals.

    `dtype` and `batch` scale the byte figures; every other figure is of one sample. The target may also be a live
    torch.nn.Module: `input` is then the shape of what it reads, without the batch.
    """
    if isinstance(target, Graph):
        if params or input is not None or sharing is not None or keep_size:
            raise UsageError("params, input, sharing and keep_size are given when the graph is loaded")
        return Report(Analysis(target), target=target.source.name, dtype=dtype, batch=batch)
    if isinstance(target, (str, os.PathLike)):
        graph = load(target, params=params, input=input, sharing=sharing, keep_size=keep_size, python=python)
        return Report(Analysis(graph), target=os.fspath(target), dtype=dtype, batch=batch)
    from convcalc.targets import foreign  # a module of PyTorch: the caller has it loaded

    found = foreign.find_module(target, input)
    graph = load_target(found, Overrides.of(params, None, sharing, keep_size))
    return Report(Analysis(graph), target=found.label, dtype=dtype, batch=batch)


def compare(*targets: str | os.PathLike[str] | Report, without_pooling: bool = False) -> Comparison:
    """The savings of weight sharing in one network, or several networks side by side.

    `without_pooling` adds the cost of the dense layers of a single network without its pooling.
    """
    from convcalc.report.comparison import Comparison

    reports = [target if isinstance(target, Report) else analyse(target) for target in targets]
    return Comparison(reports, without_pooling=without_pooling)


def difference(old: str | os.PathLike[str] | Report, new: str | os.PathLike[str] | Report) -> Difference:
    """The difference between two networks: their layers one by one, and every total before and after."""
    from convcalc.report.difference import Difference

    before, after = [each if isinstance(each, Report) else analyse(each) for each in (old, new)]
    return Difference(before, after)


def zoo() -> list[str]:
    """The targets of every shipped spec and variant."""
    return names.shipped_targets()


def load_target(target: Target, overrides: Overrides, trace: Trace | None = None) -> Graph:
    """The graph of a found target. `trace` records its entries."""
    spec, problems = parse(target.source)
    if target.variant is not None and target.variant not in spec.variants:
        raise unknown_variant(target.source, target.variant, list(spec.variants))
    if not target.source.incomplete:
        overrides.check_params(spec.params.pairs, target.label)
    try:
        graph = build(spec, problems, target.variant, overrides, trace)
    except UnbuiltError as error:
        if error.misfit is not None and overrides.changes_values:
            from convcalc.network.misfit import explain_overrides  # only for a call that breaks a network

            explain_overrides(error.misfit, spec, problems, target.variant, overrides)
        raise
    graph.check_changes()
    if target.foreign is not None:
        from convcalc.agreement import differences  # only for a network of another format

        different = differences(graph, target.foreign) if not overrides else []
        if different:
            raise SpecError(different)
    return graph
