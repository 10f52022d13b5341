"""The public function: convcalc.sweep."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from convcalc.errors import UsageError
from convcalc.language.overrides import InputShape, as_value
from convcalc.sweeping import runner
from convcalc.sweeping.axes import Vary, axis_texts, keys_of
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.planning import check_plan, make_plan
from convcalc.sweeping.ranges import parse_shard
from convcalc.sweeping.selection import parse_selection
from convcalc.sweeping.sweep import Sweep
from convcalc.targets.find import find
from convcalc.text.source import as_plain
from convcalc.text.writing import flow_text

Texts = str | Sequence[str]


def sweep(
    target: str | os.PathLike[str],
    vary: Vary,
    *,
    where: Texts = (),
    columns: Texts | None = None,
    sort: Texts | None = None,
    top: int | None = None,
    pareto: Texts | None = None,
    sample: int | None = None,
    seed: int = 0,
    search: str | None = None,
    budget: int | None = None,
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    python: str | None = None,
    jobs: int | None = 1,
    out: str | os.PathLike[str] | None = None,
    shard: str | None = None,
    scheduler: str | None = None,
) -> Sweep:
    """Many networks from one spec: a lazy Sweep of rows, each with the varied values and the figures of one network.

    `vary` gives values by key: a param, LAYER.KEY, "input", "input.height" or "variant"; a tuple of keys moves
    together, and a text is read as `--vary` reads it. `where` are conditions such as "params < 5M", `columns` the
    figures of each row. `sort`, `top` and `pareto` choose rows; a leading minus means the largest first. `sample`
    builds only so many candidates, which `seed` decides. `search="nsga2"` builds `budget` candidates, each chosen by
    the figures of earlier ones, for the best rows of a space that is too large to walk. The other arguments are those
    of `convcalc.load` and of the command `convcalc sweep`; with `jobs` of None there are as many processes as the work
    is worth.

    A network that does not build is counted in the `summary` of the sweep. Raises UsageError and SpecError.
    """
    text = shape_text(input)
    axes = axis_texts(vary)
    selection = parse_selection(_joined(sort), top, _joined(pareto), keys_of(axes))
    plan = make_plan(
        find(os.fspath(target), text, python), axes,
        columns=[columns] if isinstance(columns, str) else columns, selection=selection,
        settings=setting_texts(params or {}),
        input=text, sharing=sharing, keep_size=keep_size, where=[where] if isinstance(where, str) else where,
        sample=sample, seed=seed, search=search, budget=budget, python=python,
    )  # fmt: skip
    part = None if shard is None else parse_shard(shard)
    evaluator = Evaluator(plan)
    check_plan(evaluator, parts=1 if part is None else part.count)
    store = None if out is None else os.fspath(out)

    def start() -> runner.Run:
        return runner.run(plan, jobs=jobs, store=store, shard=part, scheduler=scheduler, evaluator=evaluator)

    return Sweep(evaluator, selection, start)


def _joined(texts: Texts | None) -> str | None:
    return texts if texts is None or isinstance(texts, str) else ",".join(texts)


def setting_texts(params: Mapping[str, Any]) -> list[str]:
    """Params and keys of layers as `--set` takes them, which a plan has."""
    return [f"{name}={flow_text(as_plain(as_value(value)))}" for name, value in params.items()]


def shape_text(input: InputShape | None) -> str | None:
    """An input shape as text, which a plan has."""
    if input is None or isinstance(input, str):
        return input
    if isinstance(input, Mapping):
        return ",".join(f"{name}={'x'.join(map(str, shape))}" for name, shape in input.items())
    if not all(isinstance(size, int) for size in input):
        raise UsageError(f"the input {input!r} is not a shape", "give a list of sizes, such as [3, 224, 224]")
    return "x".join(map(str, input))
