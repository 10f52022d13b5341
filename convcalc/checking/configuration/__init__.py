"""The configuration of `check`: `[tool.convcalc]` of a pyproject.toml, or a `.convcalc.yaml`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.checking.configuration.configuration import Configuration

YAML, TOML = ".convcalc.yaml", "pyproject.toml"


def find_configuration(folder: str = os.curdir) -> Configuration | None:
    """The nearest configuration in a folder or above it, up to the root of its git repository or of the file system.

    Raises UsageError where a folder has two configurations, SpecError where one cannot be read.
    """
    folder = os.path.abspath(folder)
    while True:
        found = _in_folder(folder)
        parent = os.path.dirname(folder)
        if found is not None or parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return found
        folder = parent


def _in_folder(folder: str) -> Configuration | None:
    yaml, toml = (_from_here(os.path.join(folder, name)) for name in (YAML, TOML))
    has_yaml, may_have_toml = os.path.isfile(yaml), os.path.isfile(toml) and _may_have_table(toml)
    if not has_yaml and not may_have_toml:
        return None
    from convcalc.checking.configuration.reading import (  # needed only for a configuration
        load_configuration,
        load_table,
    )

    of_yaml = load_configuration(yaml) if has_yaml else None
    of_toml = load_table(toml) if may_have_toml else None
    if of_yaml is not None and of_toml is not None:
        raise UsageError(f"{yaml} and [tool.convcalc] of {toml} both configure convcalc", "keep one of the two")
    return of_yaml or of_toml


def _from_here(path: str) -> str:
    return os.path.relpath(path).replace(os.sep, "/")


def _may_have_table(file: str) -> bool:
    """Whether a TOML file may configure convcalc: most files do not contain the word."""
    with open(file, "rb") as opened:
        return b"convcalc" in opened.read()
