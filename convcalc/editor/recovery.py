"""Copies of unsaved texts, kept in the user's state directory while a session has changes that no file has.

A copy is one JSON file of this user alone. It says which target it belongs to and what the file held when the session
began, so that what is offered is never mistaken for the file.
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
    """A copy that an earlier session left: its file, its text, and when it was written (seconds since the epoch)."""

    path: str
    text: str
    time: float


def state_directory() -> str:
    """convcalc's directory for data that outlives a run, where this platform keeps such data of a user."""
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
    """The recovery copies of one target: those that earlier sessions left, and this session's own.

    An older copy is not overwritten before the user took or declined it. A copy that cannot be written is no error:
    `failure` says why, for the user interface to show.
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

    def left(self, text: str) -> Recovery | None:
        """The latest copy that is not this session's own and holds another text than this.

        It may be that of another session on the target which still runs.
        """
        found = [recovery for path in glob.glob(f"{glob.escape(self._stem)}*.json") if (recovery := self._read(path))]
        others = [recovery for recovery in found if recovery.path != self._own and recovery.text != text]
        return max(others, key=lambda recovery: recovery.time, default=None)

    def keep(self, text: str, *, force: bool = False) -> None:
        """Write the text to the own copy, at most every two seconds unless `force`."""
        if text == self._text or (not force and time.monotonic() - self._written < INTERVAL_SECONDS):
            return
        data = {"format": FORMAT, "target": self.target, "time": time.time(), "text": text}
        try:
            if self._own is None:
                os.makedirs(os.path.dirname(self._stem), mode=0o700, exist_ok=True)
                self._own = self._free()
            replace_file((json.dumps(data),), self._own, 0o600)
        except OSError as error:
            self.failure = f"no recovery copy can be written: {error.strerror}"
            return
        self.failure = ""
        self._text, self._written = text, time.monotonic()

    def remove(self) -> None:
        """Delete the own copy."""
        if self._own is not None:
            _unlink(self._own)
        self._own = self._text = None
        self._written = float("-inf")

    def discard(self) -> None:
        """Delete the copies that earlier sessions left."""
        for path in glob.glob(f"{glob.escape(self._stem)}*.json"):
            if path != self._own:
                _unlink(path)

    def _free(self) -> str:
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
            pass  # not a copy of ours, or one that was cut off: nothing to offer
        return None


def _unlink(path: str) -> None:
    with suppress(OSError):  # gone already; or the system keeps it, and it is offered again
        os.unlink(path)
