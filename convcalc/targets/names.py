"""The names of the shipped specs and of their variants."""

from __future__ import annotations

from convcalc import shipped
from convcalc.language.parse import parse
from convcalc.text.source import Source


def shipped_targets() -> list[str]:
    """The targets of all shipped specs and variants: `lenet`, `alexnet`, `alexnet@torchvision`, …"""
    targets: list[str] = []
    for name, path in shipped.files().items():
        targets += [name, *(f"{name}@{variant}" for variant in _variant_names(_read(path), path))]
    return targets


def short_names() -> list[str]:
    """All names of shipped networks: the targets, and the names of the variants alone."""
    return list(dict.fromkeys(part for target in shipped_targets() for part in (target, target.rpartition("@")[2])))


def file_with_variant(variant: str) -> str | None:
    """The path of the first shipped spec with a variant of that name; None where there is none."""
    for path in shipped.files().values():
        text = _read(path)
        # Parsing YAML is slow, and most files do not contain the word.
        if f" {variant}:" in text and variant in _variant_names(text, path):
            return path
    return None


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _variant_names(text: str, path: str) -> list[str]:
    return list(parse(Source("", text, path))[0].variants)
