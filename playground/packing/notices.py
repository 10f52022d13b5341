"""The licences of everything that the playground has in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from playground.packing.engine import LIBRARIES, ROOT

NODE_MODULES = ROOT / "playground" / "node_modules"
TOOLS = {"esbuild", "@esbuild", "ws", "@types"}  # they build, or run only in Node.js
PYODIDE = """Pyodide is under the Mozilla Public License 2.0; its source is at https://github.com/pyodide/pyodide.
It has CPython in it, under the Python Software Foundation License, and the standard library of Python."""


def text() -> str:
    """One text: name, version, licence, and the words of the licence where the package has them."""
    parts = ["The playground of convcalc consists of these works.", _part("convcalc", "", "MIT", ROOT / "LICENSE")]
    for name in LIBRARIES:
        found = distribution(name)
        files = [Path(str(file.locate())) for file in found.files or () if file.name.startswith("LICEN")]
        described = found.metadata.json
        licence = str(described.get("license_expression") or described.get("license") or "")
        parts.append(_part(name, found.version, licence, *files[:1]))
    parts += _npm()
    return "\n\n".join(parts) + "\n"


def _npm() -> Iterator[str]:
    for description in sorted(NODE_MODULES.glob("**/package.json")):
        folder = description.parent
        name = folder.relative_to(NODE_MODULES).as_posix()
        if (
            name.partition("/")[0] in TOOLS
            or "/node_modules/" in f"/{name}"
            or "version" not in (package := json.loads(description.read_text("utf-8")))
        ):
            continue
        yield _part(name, package["version"], package.get("license", ""), *sorted(folder.glob("LICEN*"))[:1])
        if name == "pyodide":
            yield PYODIDE


def _part(name: str, version: str, licence: str, *files: Path) -> str:
    return "\n".join(
        ["-" * 80, f"{name} {version}".strip(), f"Licence: {licence}", *(each.read_text("utf-8") for each in files)]
    )
