"""What a bug report needs to know of an installation: versions, places, and which extras are there."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import yaml

from convcalc import __version__
from convcalc.extras import requirements

# The extras that add something to the commands; the other ones are for work on convcalc itself.
EXTRAS = ("explore", "draw", "cluster", "search")
# The variables that change what is printed. Their values are shown: none of them holds a secret.
VARIABLES = ("COLORTERM", "CONVCALC_PAGER", "CONVCALC_TRACEBACK", "FORCE_COLOR", "LC_ALL", "NO_COLOR", "PAGER", "TERM")


def describe() -> str:
    """The lines of `convcalc --version --verbose`."""
    import convcalc  # its place, not its contents

    lines = [
        ("convcalc", f"{__version__}, {os.path.dirname(convcalc.__file__)}"),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}"),
        ("system", f"{platform.system()} {platform.release()} ({platform.machine()})"),
        ("libraries", _packages()),
        ("YAML parser", "libyaml" if yaml.__with_libyaml__ else "Python (without libyaml)"),
        *(("extra " + extra, _packages(extra)) for extra in EXTRAS),
        ("terminal", _terminal()),
        ("variables", ", ".join(_variables()) or "none that convcalc reads"),
    ]
    width = max(len(label) for label, _ in lines) + 2
    return "".join(f"{label:<{width}}{text}\n" for label, text in lines)


def _packages(extra: str = "") -> str:
    """The packages of an extra with their versions; without an extra those that convcalc always needs."""
    names = [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in requirements(extra)]
    return ", ".join(map(_versioned, names)) or "unknown, because no such installation is recorded"


def _versioned(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} (not installed)"


def _terminal() -> str:
    streams = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name).isatty()]
    where = f"{', '.join(streams)} on a terminal" if streams else "none"
    return f"{where}; {shutil.get_terminal_size().columns} columns, {sys.stdout.encoding}"


def _variables() -> Iterator[str]:
    for name in VARIABLES:
        if name in os.environ:
            yield f"{name}={os.environ[name]}"
