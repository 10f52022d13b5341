"""The check from Python."""

from __future__ import annotations

import os
from collections.abc import Sequence

from convcalc.checking.comparing import SOURCE, WEIGHTS, comparison
from convcalc.checking.discovery import discover
from convcalc.checking.results import Results
from convcalc.checking.runner import check_files
from convcalc.checking.settings import RunSettings
from convcalc.limits.limit import budget
from convcalc.lint.rules import check_names


def check(
    *paths: str | os.PathLike[str],
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    budgets: Sequence[str] = (),
    against: str | None = None,
    weights: str | os.PathLike[str] | None = None,
    input: str | None = None,
    python: str | None = None,
    processes: int | None = 1,
) -> Results:
    """The findings in spec files: errors, failed expectations and budgets, and the findings of lint rules.

    `paths` are files, directories and patterns. `select` and `ignore` name lint rules; `budgets` are written as on the
    command line ("params <= 5M", "conv1.receptive_field >= 7"). `against` is a target and `weights` a checkpoint that
    the one file is compared with, `input` and `python` are for that target. No configuration is read. With `processes`
    None the number of processes depends on the number of files; the calling module must then be importable.

    Raises UsageError for a path without files, an unknown rule, or a malformed budget.
    """
    compared = [comparison(SOURCE, against)] if against is not None else []
    compared += [comparison(WEIGHTS, os.fspath(weights))] if weights is not None else []
    settings = RunSettings(
        None, None if select is None else check_names(select), check_names(ignore), [budget(text) for text in budgets],
        input=input, python=python, comparisons=compared,
    )  # fmt: skip
    files = discover([os.fspath(path) for path in paths])
    results = Results(list(check_files(files, settings.settings_for, processes)))
    settings.refuse_unmet(results.checked)
    return results
