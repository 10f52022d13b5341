"""The scripts of the page and of the worker, each bundled by esbuild to one text."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from convcalc.page.page import HERE as PAGE

HERE = Path(__file__).resolve().parents[1]
# The scripts of the page of `convcalc report` that the playground uses, in the order in which they need each other.
SHARED = ("shared", "copying", "table", "rows", "drawing", "field", "layer")
EXPORTED = "arranged, button, copy, element, makeDrawing, makeLayer, makeTable, makeTools"

# What the scripts import, and the generated file that it means.
GENERATED = {"report": "report.js", "lock.json": "lock.json"}


class Bundles(NamedTuple):
    """The script of the page, and that of the worker."""

    page: str
    worker: str


def make(*, offline: bool) -> Bundles:
    """The scripts of the hosted form are modules; those of the offline file are not: from a file no module starts."""
    with tempfile.TemporaryDirectory(prefix="convcalc-playground-") as name:
        folder = Path(name)
        (folder / "lock.json").write_text(_lock(), "utf-8")
        (folder / "report.js").write_text(_report_script(), "utf-8")
        return Bundles(*[_bundle(each, folder, offline) for each in ("main.js", "worker.js")])


def _lock() -> str:
    """What Pyodide must know of itself: its lock file without the packages, which come from elsewhere."""
    whole = json.loads((HERE / "node_modules" / "pyodide" / "pyodide-lock.json").read_text("utf-8"))
    return json.dumps({"info": whole["info"], "packages": {}})


def _report_script() -> str:
    parts = [(PAGE / "script" / f"{name}.js").read_text("utf-8") for name in SHARED]
    return "\n".join([*parts, f"export {{ {EXPORTED} }};\n"])


def _bundle(name: str, folder: Path, offline: bool) -> str:
    written = folder / f"bundle-{name}"
    command: list[str | Path] = [
        HERE / "node_modules" / ".bin" / "esbuild", HERE / "src" / name, f"--outfile={written}", "--bundle", "--minify",
        "--legal-comments=none", "--target=es2022", "--charset=utf8", "--log-level=warning",
        f"--format={'iife' if offline else 'esm'}", f"--define:OFFLINE={'true' if offline else 'false'}",
        *[f"--alias:{alias}={folder / file}" for alias, file in GENERATED.items()],
        "--external:node:*", "--external:ws",
        # A script that is not a module has no such address.
        *(["--define:import.meta.url=self.location.href"] if offline else []),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=HERE)
    return written.read_text("utf-8")
