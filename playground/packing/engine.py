"""The engine as an archive: convcalc, the part of the playground in Python, and the pure Python libraries they need."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[2]
# What has no use in a browser: the command line, the terminal, exports, and the figures of `convcalc zoo`.
LEFT_OUT = {"cli", "exporters", "repl", "tui", "__pycache__", "figures.jsonl"}
LIBRARIES = ("PyYAML", "simpleeval")  # of PyYAML the half in Python: the other half is compiled


def archive() -> bytes:
    """The archive, with all files as they are. Its bytes depend on the files alone."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(_files()):
            packed.writestr(ZipInfo(name), content, ZIP_DEFLATED, 9)
    return written.getvalue()


def compile_loaded(*archives: Path) -> None:
    """Compile in place what Python loads at the start, in the archives of the engine and of the standard library."""
    node = shutil.which("node")
    if node is None:
        sys.exit("node is missing: install Node.js 18 or newer")
    pyodide = ROOT / "playground" / "node_modules" / "pyodide"
    command: list[str | Path] = [node, Path(__file__).with_name("compile.mjs"), pyodide, *archives]
    subprocess.run(command, check=True)


def stored(packed: bytes) -> bytes:
    """The same archive without compression: what compresses it as a whole makes it smaller."""
    written = BytesIO()
    with ZipFile(BytesIO(packed)) as source, ZipFile(written, "w", ZIP_STORED) as target:
        for entry in source.infolist():
            target.writestr(ZipInfo(entry.filename), source.read(entry), ZIP_STORED)
    return written.getvalue()


def _files() -> Iterator[tuple[str, bytes]]:
    yield from _tree(ROOT / "convcalc", "convcalc")
    yield from _tree(ROOT / "specs", "convcalc/specs")
    yield from _tree(ROOT / "playground" / "engine", "playground/engine")
    for name in LIBRARIES:
        for file in distribution(name).files or ():
            if file.suffix == ".py":
                yield str(file), Path(str(file.locate())).read_bytes()


def _tree(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        inner = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT.intersection(inner.parts):
            yield f"{name}/{inner.as_posix()}", path.read_bytes()
