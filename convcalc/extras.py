"""The command that adds what an extra of convcalc needs to this installation."""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path


def how_to_add(extra: str) -> str:
    """The command for the way in which convcalc was installed: with pipx, with uv, or with pip.

    It names the packages and not the extra: that needs the place from which convcalc was installed.
    """
    packages = " ".join(map(shlex.quote, _packages(extra)))
    python = shlex.quote(sys.executable)
    if Path(sys.prefix).parent.parts[-2:] == ("pipx", "venvs"):
        return f"pipx inject convcalc {packages}"
    if find_spec("pip") is None:
        return f"uv pip install --python {python} {packages}"
    return f"{python} -m pip install {packages}"


def _packages(extra: str) -> list[str]:
    """The requirements of an extra, such as textual>=8."""
    try:
        found = [line.partition(";") for line in requires("convcalc") or ()]
    except PackageNotFoundError:  # a checkout that is not installed
        found = []
    wanted = [name.strip() for name, _, when in found if when.replace('"', "'").strip() == f"extra == '{extra}'"]
    return wanted or [f"convcalc[{extra}]"]
