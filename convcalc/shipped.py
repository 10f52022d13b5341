"""The specs that come with convcalc, found by name from anywhere."""

from __future__ import annotations

import os


def directory() -> str:
    """Where the shipped specs lie: inside the installed package, or beside it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "specs")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "specs")


def is_installed(path: str) -> bool:
    """Whether a path leads into the installed package, where nothing is written; a checkout's specs lie beside it."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return os.path.realpath(path).startswith(package + os.sep)


def files() -> dict[str, str]:
    """The paths of the shipped specs by name, in alphabetical order."""
    folder = directory()
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {name[:-5]: os.path.join(folder, name) for name in names if name.endswith(".yaml")}


def targets() -> list[str]:
    """Every shipped spec and variant, as targets: `lenet`, `alexnet`, `alexnet@torchvision`, …"""
    found: list[str] = []
    for name, path in files().items():
        found += [name, *(f"{name}@{variant}" for variant in _variants(_text(path), path))]
    return found


def short_names() -> list[str]:
    """All that a shipped network goes by: its target, and its variant's name alone."""
    return list(dict.fromkeys(part for target in targets() for part in (target, target.rpartition("@")[2])))


def owner_of(variant: str) -> str | None:
    """The path of the first shipped spec that has a variant of that name."""
    for path in files().values():
        text = _text(path)
        # Most files do not hold the word at all: only one that does is worth reading as YAML.
        if f" {variant}:" in text and variant in _variants(text, path):
            return path
    return None


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _variants(text: str, path: str) -> list[str]:
    from convcalc.language.parse import parse  # most calls need no names, or find them in the text
    from convcalc.text.source import Source

    return list(parse(Source("", text, path))[0].variants)
