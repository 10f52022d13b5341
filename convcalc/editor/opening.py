"""From a target to the text that a session starts with."""

from __future__ import annotations

import os
from typing import NamedTuple

from convcalc.editor.files import File, Storage, is_shipped, read_bytes
from convcalc.editor.reading import Origin
from convcalc.editor.recovery import RecoveryCopies
from convcalc.targets.find import find
from convcalc.targets.target import Target
from convcalc.text.files import STDIN, display
from convcalc.text.source import decode


class Opened(NamedTuple):
    """The text of a target, where it comes from, and the variant that the target names."""

    storage: Storage
    origin: Origin
    variant: str | None


def opened(target: str, dtype: str, batch: int) -> Opened:
    """Read a target. Raises UsageError for an unknown one, SpecError for a file that cannot be read."""
    found = find(target)
    path = found.source.path
    text, file, label = found.source.text, None, _label(found)
    if path and path != STDIN and os.path.isfile(path) and _is_by_path(found):
        data = read_bytes(path)
        found.source.text = decode(display(path), data, path).text  # the same bytes that saving compares with
        text = data.decode()
        file = File(path, text)
    copies = None
    if path != STDIN:
        copies = RecoveryCopies(os.path.realpath(path) if file is not None else f"shipped:{label}")
    return Opened(Storage(text, file, copies), Origin(label, found.source, dtype, batch), found.variant)


def _is_by_path(found: Target) -> bool:
    """Whether the target names a file, and not a shipped spec or a revision of a file."""
    named = found.label.rpartition("@")[0] if found.variant is not None else found.label
    return found.source.path in (found.label, named)


def _label(found: Target) -> str:
    """How messages call the text, without its variant: the file, the shipped spec, or REV:FILE."""
    path = found.source.path
    if path != STDIN and os.path.isfile(path) and is_shipped(path) and not _is_by_path(found):
        return os.path.splitext(os.path.basename(path))[0]
    return found.source.name
