"""The line below a table on a terminal that says how many problems `convcalc check` would find in the file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from shlex import quote

from convcalc.arith.units import count_of
from convcalc.checking.check_file import Task, check_file
from convcalc.checking.configuration import find_configuration
from convcalc.checking.discovery import PathToCheck
from convcalc.checking.results import Results
from convcalc.checking.settings import RunSettings
from convcalc.errors import SpecError, UsageError
from convcalc.render.style import Style
from convcalc.report.report import Report
from convcalc.text.files import SUFFIXES, display_path

# A larger network takes long to check, and its user waits for the prompt.
MAX_LAYERS = 1000


def notices(reports: Iterable[Report], style: Style) -> Iterable[str]:
    """One line for each spec file in which `check` finds something, with the configuration that it would use."""
    paths = dict.fromkeys(report.graph.source.path for report in reports if len(report.rows) <= MAX_LAYERS)
    for path in paths:
        if path.endswith(SUFFIXES) and os.path.isfile(path):
            found = _problems(path)
            if found:
                yield f"{style(found, 'warning')}: convcalc check {quote(display_path(path))}\n"


def _problems(path: str) -> str:
    """The numbers of errors and warnings in words; empty where there are none, or `check` itself would fail."""
    try:
        settings = RunSettings(find_configuration()).settings_for(path)
        results = Results([check_file(Task(PathToCheck(path, named=True), settings))])
    except (SpecError, UsageError, OSError):
        return ""
    counts = ((results.errors, "error"), (results.warnings, "warning"))
    return " and ".join(count_of(count, word) for count, word in counts if count)
