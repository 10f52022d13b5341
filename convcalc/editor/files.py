"""The file of a session: read with its byte order mark, and written as a whole, with its line ends and permissions."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from convcalc import shipped
from convcalc.editor.recovery import Recovery, RecoveryCopies
from convcalc.errors import UsageError
from convcalc.files import replace_file
from convcalc.text.files import display_path
from convcalc.text.source import decode


@dataclass(slots=True)
class File:
    """A file, and its text when it was last read or written.

    `seen` has the size and time of the file when it was last looked at.
    """

    path: str
    text: str
    seen: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.has_moved()

    def has_moved(self) -> bool:
        """Whether the size or time of the file differs from the last look; it costs no reading of the file."""
        before, self.seen = self.seen, _size_and_time(self.path)
        return self.seen != before

    def change_on_disk(self) -> str:
        """The change of the file on disk since then, in words; empty where it is unchanged."""
        name = display_path(self.path)
        try:
            data = read_bytes(self.path)
        except FileNotFoundError:
            return f"{name} no longer exists"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
        if data == self.text.encode():
            return ""
        theirs, ours = data.decode(errors="replace").splitlines(), self.text.splitlines()
        return f"{name} was changed by another program: {_changed_lines(ours, theirs)}"


@dataclass(slots=True)
class Storage:
    """The file and the recovery copies of a session.

    `file` is None for a text without a file, `copies` is None for a text that cannot be opened again. `saved` is the
    text as it was opened or last saved.
    """

    saved: str
    file: File | None
    copies: RecoveryCopies | None

    def save(self, text: str, path: str, *, overwrite: bool) -> bool:
        """Write the text to a file, which becomes the file of the session; returns whether that is another file.

        Raises UsageError where the file cannot be written. Also, unless `overwrite`, where the file changed on disk, or
        where another file exists at `path`.
        """
        if "\0" in path:
            raise UsageError("a file name cannot contain NUL", "choose another name")
        own = self.file if self.file is not None and _is_same(path, self.file.path) else None
        if not overwrite:
            reason = own.change_on_disk() if own is not None else _existing_file(path)
            if reason:
                raise UsageError(reason, "overwrite it, or save to another file")
        write_text(path, text)
        self.saved = text
        self.delete_own_copy()
        if own is not None:
            own.text = text
            own.has_moved()
            return False
        self.file = File(path, text)
        self.copies = RecoveryCopies(os.path.realpath(path))
        return True

    def change_on_disk(self) -> str:
        """The change of the file since it was read, in words; empty where it is unchanged."""
        return "" if self.file is None else self.file.change_on_disk()

    def new_change_on_disk(self) -> str | None:
        """The change of the file if another program has written it since the last call, else None; call it often."""
        return self.file.change_on_disk() if self.file is not None and self.file.has_moved() else None

    def read_again(self) -> str:
        """The text of the file as it is now, which counts as saved. Raises SpecError for a file that is not text."""
        assert self.file is not None  # a text without a file cannot be read again
        data = read_bytes(self.file.path)
        decode(display_path(self.file.path), data, self.file.path)
        self.saved = self.file.text = data.decode()
        self.file.has_moved()
        return self.saved

    # -- recovery copies ---------------------------------------------------------------------------------------------

    @property
    def copy_failure(self) -> str:
        """Why no recovery copy can be written; empty where one can."""
        return "" if self.copies is None else self.copies.failure

    def latest_copy(self, text: str) -> Recovery | None:
        """The latest copy of another session with another text than this; None where there is none."""
        return None if self.copies is None else self.copies.latest(text)

    def write_copy(self, text: str, *, force: bool) -> None:
        """Write a recovery copy of an unsaved text; delete the copy of a saved text."""
        if self.copies is None:
            return
        if text != self.saved:
            self.copies.write(text, force=force)
        else:
            self.copies.delete_own()

    def delete_own_copy(self) -> None:
        """Delete the recovery copy of this session."""
        if self.copies is not None:
            self.copies.delete_own()

    def delete_other_copies(self) -> None:
        """Delete the recovery copies of other sessions."""
        if self.copies is not None:
            self.copies.delete_others()


def write_text(path: str, text: str) -> None:
    """Write a text to a file with its permissions; a link stays a link. Raises UsageError."""
    target = os.path.realpath(path)
    if shipped.is_installed(target):
        raise UsageError(f"{display_path(path)} is shipped with convcalc and is not changed", "save it to another file")
    if os.path.isdir(target):
        raise UsageError(f"{display_path(path)} is a directory", "name a file in it")
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else None
        if mode is not None and not os.access(target, os.W_OK):
            raise UsageError(f"{display_path(path)} is read-only", "save it to another file, or allow writing")
        replace_file((text,), target, mode)
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{display_path(path)} cannot be written: {reason}", "save it to another file") from None


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises OSError."""
    with open(path, "rb") as file:
        return file.read()


def is_shipped(path: str) -> bool:
    """Whether a file is one of the specs that come with convcalc."""
    return os.path.realpath(path) in map(os.path.realpath, shipped.files().values())


def _size_and_time(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _is_same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)


def _existing_file(path: str) -> str:
    return f"{display_path(path)} exists already" if os.path.lexists(path) else ""


def _changed_lines(ours: list[str], theirs: list[str]) -> str:
    """The first line that differs, and the number of lines added or removed."""
    pairs = enumerate(zip(ours, theirs))
    first = next((index for index, (our, their) in pairs if our != their), min(len(ours), len(theirs)))
    count = len(theirs) - len(ours)
    words = f", {abs(count)} lines {'more' if count > 0 else 'fewer'}" if count else ""
    return f"it differs from line {first + 1} on{words}"
