"""Fills the console blocks of the pages with the current output of the commands: python docs/make_outputs.py.

A block that ends in `...` keeps its number of lines. tests/test_docs.py compares the pages with the real output.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUN = "import sys; from convcalc.cli.main import run; sys.exit(run(sys.argv[1:]))"
_CONSOLE = re.compile(r"^```console\n\$ convcalc (.*?)\n(.*?)^```$", re.M | re.S)
# A block whose first line names it is a file for the console blocks of its page: a spec, a network of another format.
_FILE = re.compile(r"^```(?:yaml|ini|python)\n(# ([\w-]+\.(?:yaml|cfg|py)).*?)^```$", re.M | re.S)
DIGITS = ROOT / "tests" / "data" / "import" / "digits.pt2"


def output(command: str, folder: str) -> str:
    """What `convcalc COMMAND` prints in a folder, errors included."""
    # A network in Python code is traced with this interpreter.
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "VIRTUAL_ENV": sys.prefix}
    call = [sys.executable, "-c", RUN, *shlex.split(command)]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr


def filled(page: str) -> str:
    """The text of a page with fresh outputs."""

    def block(match: re.Match[str]) -> str:
        shown, text = match[2], output(match[1], folder)
        if shown.endswith("...\n"):
            text = "".join(text.splitlines(keepends=True)[: shown.count("\n") - 1]) + "...\n"
        return f"```console\n$ convcalc {match[1]}\n{text}```"

    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(DIGITS, folder)
        for text, name in _FILE.findall(page):
            Path(folder, name).write_text(text, encoding="utf-8")
        return _CONSOLE.sub(block, page)


if __name__ == "__main__":
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
