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
    packages = " ".join(map(shlex.quote, requirements(extra) or [f"convcalc[{extra}]"]))
    python = shlex.quote(sys.executable)
    if Path(sys.prefix).parent.parts[-2:] == ("pipx", "venvs"):
        return f"pipx inject convcalc {packages}"
    if find_spec("pip") is None:
        return f"uv pip install --python {python} {packages}"
    return f"{python} -m pip install {packages}"


def requirements(extra: str = "") -> list[str]:
    """The requirements of an extra, such as textual>=8; without an extra those that convcalc always needs.

    Empty where convcalc is a checkout that is not installed.
    """
    try:
        found = [line.partition(";") for line in requires("convcalc") or ()]
    except PackageNotFoundError:
        return []
    wanted = f"extra == '{extra}'" if extra else ""
    return [name.strip() for name, _, when in found if when.replace('"', "'").strip() == wanted]
