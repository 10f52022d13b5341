"""The lines that a user typed, kept from one shell to the next."""

from __future__ import annotations

import os

from convcalc.editor.recovery import state_directory
from convcalc.files import replace_file

MAX_LINES = 1_000
FILE = "shell_history"


class LineHistory:
    """Lines typed before, the oldest first. A line that starts with a blank is not kept, nor one typed twice in a row.

    Only the user can read the file. A file that cannot be read or written is no error: the shell then forgets.
    """

    def __init__(self) -> None:
        self.path = os.path.join(state_directory(), FILE)
        self.lines = self._read()

    def add(self, line: str) -> bool:
        """Keep a line; whether it was kept."""
        if not line.strip() or line[0].isspace() or line in self.lines[-1:]:
            return False
        self.lines.append(line)
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(f"{line}\n")
        except OSError:
            pass
        return True

    def _read(self) -> list[str]:
        """The last MAX_LINES lines of the file; a file of twice as many is cut to them."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
            if len(lines) > 2 * MAX_LINES:
                replace_file([f"{line}\n" for line in lines[-MAX_LINES:]], self.path, 0o600)
        except OSError:
            return []
        return lines[-MAX_LINES:]
