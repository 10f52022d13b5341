"""The user's own editor, from $VISUAL or $EDITOR, opened at a line of a file."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from convcalc.errors import UsageError

# How an editor is given a line; any other one opens the file alone.
_ARGUMENTS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("vi", "vim", "nvim", "gvim", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "hx", "helix",
                     "joe", "mg", "ne"), ("+{line}", "{file}")),
    **dict.fromkeys(("code", "code-insiders", "codium", "vscodium", "cursor"), ("-g", "{file}:{line}")),
    **dict.fromkeys(("subl", "zed"), ("{file}:{line}",)),
}  # fmt: skip
_USUAL = ("editor", "nano", "vi")


def editor_words(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The words of the user's editor. Raises UsageError where there is none."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(name, ""), posix=os.name != "nt")
        except ValueError as error:
            raise UsageError(f"${name} cannot be read: {str(error).lower()}", "close its quotes") from None
        if words:
            return words
    found = next((name for name in _USUAL if shutil.which(name)), "")
    if not found:
        raise UsageError("there is no editor", "set the environment variable EDITOR, for example to nano or vim")
    return [found]


def call_at(words: Sequence[str], file: str, line: int) -> list[str]:
    """The words that open a file at a line.

    >>> call_at(["nvim"], "net.yaml", 7), call_at(["code", "--wait"], "net.yaml", 7), call_at(["edit"], "net.yaml", 7)
    (['nvim', '+7', 'net.yaml'], ['code', '--wait', '-g', 'net.yaml:7'], ['edit', 'net.yaml'])
    """
    name = os.path.basename(words[0]).lower().removesuffix(".exe").removesuffix(".cmd")
    arguments = _ARGUMENTS.get(name, ("{file}",))
    return [*words, *(argument.format(file=file, line=line) for argument in arguments)]


def run(call: Sequence[str]) -> str:
    """Run an editor until it ends, or until it has given the file to its window; returns why that failed."""
    try:
        code = subprocess.run(call, check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        return f"{call[0]} cannot be started: {error.strerror}; set EDITOR to another editor"
    return f"{call[0]} ended with the code {code}" if code else ""
