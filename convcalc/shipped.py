"""The specs that come with convcalc."""

from __future__ import annotations

import os


def directory() -> str:
    """The folder of the shipped specs: inside the installed package, or beside it in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "specs")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "specs")


def is_installed(path: str) -> bool:
    """Whether a path is inside the installed package, where nothing may be written. In a checkout specs are outside."""
    package = os.path.dirname(os.path.realpath(__file__))
    return os.path.realpath(path).startswith(package + os.sep)


def is_shipped_text(path: str, text: str) -> bool:
    """Whether the text of a file is that of the shipped spec with this file name."""
    try:
        with open(os.path.join(directory(), os.path.basename(path)), encoding="utf-8", newline="") as file:
            return file.read() == text
    except OSError:
        return False


def files() -> dict[str, str]:
    """The paths of the shipped specs by name, in alphabetical order."""
    folder = directory()
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {name[:-5]: os.path.join(folder, name) for name in names if name.endswith(".yaml")}
