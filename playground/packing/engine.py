"""The engine as an archive: convcalc, the part of the playground in Python, and the pure Python libraries they need."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[2]
# The faces of the command line and the terminal have no use in a browser.
LEFT_OUT = {"cli", "repl", "tui", "__pycache__"}
LIBRARIES = ("PyYAML", "simpleeval")  # of PyYAML the half in Python: the other half is compiled


def archive() -> bytes:
    """The archive. Its bytes depend on the files alone."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(_files()):
            packed.writestr(ZipInfo(name), content, ZIP_DEFLATED, 9)
    return written.getvalue()


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
