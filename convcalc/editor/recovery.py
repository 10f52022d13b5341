"""Recovery copies: unsaved texts in the user's state directory, while a session has unsaved changes.

A copy is one JSON file that only this user can read. It has the target, the time and the text.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from typing import NamedTuple

from convcalc.files import replace_file

INTERVAL_SECONDS = 2.0
FORMAT = "convcalc.recovery/1"


class Recovery(NamedTuple):
    """A copy of an earlier session: its file, its text, and the time of writing (seconds since the epoch)."""

    path: str
    text: str
    time: float


def state_directory() -> str:
    """The directory of convcalc for persistent data of the user, at the usual place of this platform."""
    if os.environ.get("XDG_STATE_HOME", "").startswith(os.sep):
        base = os.environ["XDG_STATE_HOME"]
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    elif os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/AppData/Local")
    else:
        base = os.path.expanduser("~/.local/state")
    return os.path.join(base, "convcalc")


class RecoveryCopies:
    """The recovery copies of one target: those of earlier sessions, and this session's own.

    An older copy is not overwritten before the user has accepted or declined it. A copy that cannot be written is not
    an error: `failure` is the reason, for the user interface.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.failure = ""
        self._own: str | None = None
        self._text: str | None = None  # of the own copy
        self._written = float("-inf")

    @property
    def _stem(self) -> str:
        digest = hashlib.sha256(self.target.encode(errors="surrogatepass")).hexdigest()[:24]
        return os.path.join(state_directory(), "recovery", digest)

    def latest(self, text: str) -> Recovery | None:
        """The latest copy of another session with another text than this.

        The other session may still be running.
        """
        found = [recovery for path in glob.glob(f"{glob.escape(self._stem)}*.json") if (recovery := self._read(path))]
        others = [recovery for recovery in found if recovery.path != self._own and recovery.text != text]
        return max(others, key=lambda recovery: recovery.time, default=None)

    def write(self, text: str, *, force: bool = False) -> None:
        """Write the text to the own copy, at most every two seconds unless `force`."""
        if text == self._text or (not force and time.monotonic() - self._written < INTERVAL_SECONDS):
            return
        data = {"format": FORMAT, "target": self.target, "time": time.time(), "text": text}
        try:
            if self._own is None:
                os.makedirs(os.path.dirname(self._stem), mode=0o700, exist_ok=True)
                self._own = self._free_path()
            replace_file((json.dumps(data),), self._own, 0o600)
        except OSError as error:
            self.failure = f"no recovery copy can be written: {error.strerror}"
            return
        self.failure = ""
        self._text, self._written = text, time.monotonic()

    def delete_own(self) -> None:
        """Delete the own copy."""
        if self._own is not None:
            _delete(self._own)
        self._own = self._text = None
        self._written = float("-inf")

    def delete_others(self) -> None:
        """Delete the copies of earlier sessions."""
        for path in glob.glob(f"{glob.escape(self._stem)}*.json"):
            if path != self._own:
                _delete(path)

    def _free_path(self) -> str:
        number = 0
        while os.path.exists(path := f"{self._stem}{f'-{number}' if number else ''}.json"):
            number += 1
        return path

    def _read(self, path: str) -> Recovery | None:
        try:
            with open(path, encoding="utf-8", newline="") as file:
                data = json.load(file)
            if data["format"] == FORMAT and data["target"] == self.target:
                return Recovery(path, str(data["text"]), float(data["time"]))
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not one of our copies, or an incomplete one: there is nothing to recover
        return None


def _delete(path: str) -> None:
    with suppress(OSError):  # deleted already; or it cannot be deleted, and is offered again
        os.unlink(path)
