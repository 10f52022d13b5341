"""The lines that a user typed, stored for the next shell."""

from __future__ import annotations

import os

from convcalc.editor.recovery import state_directory
from convcalc.files import replace_file

MAX_LINES = 1_000
FILE = "shell_history"


class LineHistory:
    """The lines of earlier shells and of this one, the oldest first.

    It leaves out lines that start with a space, and repeated lines. Only the user can read the file. A file
    that cannot be read or written is not an error: the lines are then lost.
    """

    def __init__(self) -> None:
        self.path = os.path.join(state_directory(), FILE)
        self.lines = self._read()

    def add(self, line: str) -> bool:
        """Add a line, and return whether it was added."""
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
        """The last MAX_LINES lines of the file; a file with more than twice as many is cut to these."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
            if len(lines) > 2 * MAX_LINES:
                replace_file([f"{line}\n" for line in lines[-MAX_LINES:]], self.path, 0o600)
        except OSError:
            return []
        return lines[-MAX_LINES:]
