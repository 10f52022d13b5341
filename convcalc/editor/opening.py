"""Opens a session for a target."""

from __future__ import annotations

import os

from convcalc.editor.files import File, Storage, is_shipped, read_bytes
from convcalc.editor.reading import WRONG_VIEW, Origin
from convcalc.editor.recovery import RecoveryCopies
from convcalc.editor.session import Session
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from convcalc.targets.target import Target
from convcalc.text.files import STDIN, display_path
from convcalc.text.source import decode


def open_session(
    target: str | Target,
    *,
    variant: str | None = None,
    dtype: str = "float32",
    batch: int = 1,
    view: Overrides | None = None,
) -> Session:
    """A session on a file, FILE@VARIANT, a shipped spec or variant by its name, REV:FILE, or `-`.

    A file that does not build can be opened: the session has problems, and no report. Raises UsageError for an unknown
    target or an impossible view, SpecError for a missing file, a file that is not text, and an unknown variant.
    """
    found = find(target) if isinstance(target, str) else target
    label = _label(found)
    storage = _storage(found, label)
    origin = Origin(label, found.source, dtype, batch)
    session = Session(storage, origin, variant if variant is not None else found.variant, view)
    for problem in session.problems:
        if problem.rule == WRONG_VIEW:
            raise UsageError(problem.message, problem.help)
        if problem.rule == "unknown-variant":
            raise SpecError([problem])
    return session


def _storage(found: Target, label: str) -> Storage:
    """The text of a target, its file where it has one, and its recovery copies. Raises SpecError for a bad encoding."""
    path = found.source.path
    text, file = found.source.text, None
    if path and path != STDIN and os.path.isfile(path) and _is_by_path(found):
        data = read_bytes(path)
        found.source.text = decode(display_path(path), data, path).text  # the same bytes that saving compares with
        text = data.decode()
        file = File(path, text)
    if path == STDIN:
        return Storage(text, file, None)
    return Storage(text, file, RecoveryCopies(os.path.realpath(path) if file is not None else f"shipped:{label}"))


def _is_by_path(found: Target) -> bool:
    """Whether the target names a file, and not a shipped spec or a revision of a file."""
    named = found.label.rpartition("@")[0] if found.variant is not None else found.label
    return found.source.path in (found.label, named)


def _label(found: Target) -> str:
    """The name of the text in messages, without its variant: the file, the shipped spec, or REV:FILE."""
    path = found.source.path
    if path != STDIN and os.path.isfile(path) and is_shipped(path) and not _is_by_path(found):
        return os.path.splitext(os.path.basename(path))[0]
    return found.source.name
