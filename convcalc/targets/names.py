"""The names of the shipped specs and of their variants."""

from __future__ import annotations

from convcalc import shipped
from convcalc.language.parse import parse
from convcalc.text.source import Source


def targets() -> list[str]:
    """Every shipped spec and variant, as targets: `lenet`, `alexnet`, `alexnet@torchvision`, …"""
    found: list[str] = []
    for name, path in shipped.files().items():
        found += [name, *(f"{name}@{variant}" for variant in _variants(_text(path), path))]
    return found


def short_names() -> list[str]:
    """Every name of a shipped network: its target, and the name of its variant alone."""
    return list(dict.fromkeys(part for target in targets() for part in (target, target.rpartition("@")[2])))


def owner_of(variant: str) -> str | None:
    """The path of the first shipped spec that has a variant of that name."""
    for path in shipped.files().values():
        text = _text(path)
        # Parsing YAML is slow, and most files do not contain the word at all.
        if f" {variant}:" in text and variant in _variants(text, path):
            return path
    return None


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _variants(text: str, path: str) -> list[str]:
    return list(parse(Source("", text, path))[0].variants)
