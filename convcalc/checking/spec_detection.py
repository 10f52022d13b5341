"""Decides by its top-level keys whether a YAML file of a directory is a spec."""

from __future__ import annotations

import os
import re
import stat

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, MappingStartEvent, NodeEvent, ScalarEvent

from convcalc import bounds
from convcalc.text.events import LOADER

# A file with two of these is a spec, perhaps with mistakes: a spec with a misspelt `layers` must be found.
KEYS = frozenset(["layers", "blocks", "input", "variants", "expect"])
# A file with `blocks` and one of these is a library: a file for others to include.
LIBRARY_KEYS = frozenset(["params", "custom"])
_WORDS = b"|".join(sorted(key.encode() for key in KEYS | LIBRARY_KEYS))
_AT_START_OF_LINE = re.compile(rb"""(?:^|\r|\xef\xbb\xbf)["']?(%b)["']?[ \t]*:(?:\s|$)""" % _WORDS, re.M)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def why_no_spec(path: str) -> str:
    """Why a file of a directory is not a spec; empty where it is a spec, or cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "it is not a regular file"  # a named pipe: opening it would wait for a writer
        with open(path, "rb") as file:
            data = file.read(bounds.MAX_FILE_BYTES + 1)
    except OSError:
        # A dangling link is an error; a file that was just removed is not.
        return "" if os.path.lexists(path) else "it was just removed"
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", errors="replace").encode(errors="replace")
    keys: set[str] = set()
    for found in _AT_START_OF_LINE.finditer(data):
        keys.add(found[1].decode())
        if _are_of_spec(keys):
            return ""
    if b"layers" in data or b"blocks" in data:
        keys = _root_keys(data)
        if _are_of_spec(keys):
            return ""
    known = ", ".join(f"`{key}`" for key in sorted(keys & KEYS))
    return f"its only top-level key of a spec is {known}" if known else "it has no top-level key of a spec"


def _are_of_spec(keys: set[str]) -> bool:
    return len(keys & KEYS) > 1 or ("blocks" in keys and bool(keys & LIBRARY_KEYS))


def _root_keys(data: bytes) -> set[str]:
    """The top-level keys of a YAML text in any layout: in braces, indented, quoted."""
    keys: set[str] = set()
    depth, nodes = 0, 0  # nodes of the root: key, value, key, …
    try:
        for event in yaml.parse(data, Loader=LOADER):
            if depth == 1 and isinstance(event, NodeEvent):
                if nodes % 2 == 0 and isinstance(event, ScalarEvent):
                    keys.add(event.value)
                nodes += 1
            if isinstance(event, CollectionStartEvent):
                if depth == 0 and not isinstance(event, MappingStartEvent):
                    return set()
                depth += 1
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
            if depth > bounds.MAX_YAML_DEPTH or (depth == 0 and nodes):
                break  # a second document is not read
    except (yaml.YAMLError, UnicodeError):
        pass  # the keys before the error count
    return keys
