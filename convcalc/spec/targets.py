"""Targets: what the commands take. FILE, FILE@VARIANT, a shipped name, `-`; a layer after `#`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from convcalc.errors import SpecError, UsageError
from convcalc.problems import Problem, Where, nearest
from convcalc.spec import limits
from convcalc.spec.parse import parse
from convcalc.spec.source import Source, decode

SUFFIXES = (".yaml", ".yml")


class Target:
    """A target that was found: its label as the user wrote it, its text, and the variant and layer it names."""

    __slots__ = ("label", "source", "variant", "layer")

    def __init__(self, label: str, source: Source, variant: str | None, layer: str | None) -> None:
        self.label = label
        self.source = source
        self.variant = variant
        self.layer = layer


def shipped_directory() -> Path:
    """Where the shipped specs lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "specs"
    return installed if installed.is_dir() else package.parent / "specs"


def shipped_files() -> dict[str, Path]:
    """The shipped specs by name, in alphabetical order."""
    return {path.stem: path for path in sorted(shipped_directory().glob("*.yaml"))}


def find(text: str) -> Target:
    """Read the file that a target names. Raises UsageError for an unknown one, SpecError for an unreadable file."""
    label, hash_sign, layer = text.partition("#")
    wanted_layer = layer if hash_sign else None
    if label == "-":
        data = sys.stdin.buffer.read()
        return Target(label, decode("<stdin>", data), None, wanted_layer)
    if os.path.isfile(label):
        return Target(label, read_file(label), None, wanted_layer)
    name, _, variant = label.rpartition("@") if "@" in label else (label, "", "")
    chosen = variant or None
    if chosen and name == "-":
        return Target(label, decode("<stdin>", sys.stdin.buffer.read()), chosen, wanted_layer)
    if name.endswith(SUFFIXES) or os.sep in name or "/" in name or os.path.exists(name) and name not in shipped_files():
        return Target(label, read_file(name), chosen, wanted_layer)
    files = shipped_files()
    if name in files:
        return Target(label, read_file(str(files[name])), chosen, wanted_layer)
    if not chosen:
        for path in files.values():
            if _has_variant(path, name):
                return Target(label, read_file(str(path)), name, wanted_layer)
    raise unknown_target(label)


def read_file(name: str) -> Source:
    """The text of a file, named relative to where the user stands. Raises SpecError where it cannot be read."""
    path = Path(name)
    try:
        if path.is_dir():
            raise _unreadable(name, "this is a directory", "name a file in it")
        if path.exists() and not path.is_file():
            raise _unreadable(name, "this is no ordinary file", "pipe it in instead: `convcalc count - < FILE`")
        size = path.stat().st_size
        if size > limits.MAX_FILE_BYTES:
            raise _unreadable(name, f"the file has {size:,} bytes", limits.how_to_raise("MAX_FILE_BYTES"))
        data = path.read_bytes()
    except FileNotFoundError:
        shipped = f"`{path.stem}` is the shipped spec of that name" if path.stem in shipped_files() else ""
        close = nearest(path.name, [entry.name for entry in _siblings(path)])
        raise _unreadable(name, "there is no such file", shipped or close) from None
    except OSError as error:
        raise _unreadable(name, f"the file cannot be read: {error.strerror}", "") from None
    return decode(_display(path), data)


def _siblings(path: Path) -> list[Path]:
    return [entry for entry in path.parent.glob("*") if entry.suffix in SUFFIXES] if path.parent.is_dir() else []


def _unreadable(name: str, message: str, help: str) -> SpecError:
    return SpecError([Problem("unreadable-file", message, Where(name), help=help)])


def _display(path: Path) -> str:
    """The path relative to the working directory where it lies inside, with forward slashes."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def _has_variant(path: Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    if not re.search(rf"^\s+{re.escape(name)}\s*:", text, re.M):
        return False
    return name in parse(Source(path.name, text))[0].variants


def shipped_targets() -> list[str]:
    """Every shipped spec and variant, as targets: `lenet`, `alexnet`, `alexnet@torchvision`, …"""
    targets = []
    for name, path in shipped_files().items():
        spec, _ = parse(Source(path.name, path.read_text(encoding="utf-8")))
        targets += [name, *(f"{name}@{variant}" for variant in spec.variants)]
    return targets


def unknown_target(label: str) -> UsageError:
    """The error for a name that is neither a file nor shipped."""
    known = [part for target in shipped_targets() for part in {target, target.rpartition("@")[2]}]
    help = nearest(label, known) or "`convcalc zoo` lists the shipped specs; a file ends in .yaml or .yml"
    return UsageError(f"there is no file and no shipped spec `{label}`", help)


def unknown_variant(source: Source, variant: str, known: list[str]) -> SpecError:
    """The error for a variant that the file does not have."""
    help = nearest(variant, known) or ("its variants are " + ", ".join(known) if known else "the file has no variants")
    return SpecError([Problem("unknown-variant", f"there is no variant `{variant}`", Where(source.name), help=help)])
