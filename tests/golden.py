"""Golden files: the exact output that a test expects. `CONVCALC_WRITE_GOLDENS=1 pytest …` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path


def assert_golden(path: Path, output: str) -> None:
    """Compare an output with its golden file, or write that file where the user asks for it."""
    if os.environ.get("CONVCALC_WRITE_GOLDENS"):
        path.write_text(output, encoding="utf-8")
    assert output == path.read_text(encoding="utf-8")
