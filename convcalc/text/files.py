"""Reads spec files and standard input, up to a limit of their size."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from convcalc import bounds, shipped
from convcalc.arith.wording import visible
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where, nearest
from convcalc.text.source import Source, decode

SUFFIXES = (".yaml", ".yml")
STDIN = "-"
STDIN_NAME = "<stdin>"  # in messages


def target_label(target: str) -> str:
    """A target as titles name it.

    >>> target_label("-"), target_label("net.yaml"), target_label("\033.yaml")
    ('<stdin>', 'net.yaml', '\\\\x1b.yaml')
    """
    return STDIN_NAME if target == STDIN else visible(target)


def read_stdin() -> Source:
    """The text of standard input. Raises SpecError where it cannot be read."""
    if sys.stdin is None:  # the shell has closed it
        raise _unreadable(STDIN_NAME, "standard input is closed", "name a file, or pipe one in")
    return decode(STDIN_NAME, sys.stdin.buffer.read(bounds.MAX_FILE_BYTES + 1), STDIN)


def read_file(name: str, known: Callable[[], Iterable[str]] = shipped.files) -> Source:
    """The text of a file, given relative to the working directory. Raises SpecError where it cannot be read.

    Where there is no such file, the message suggests one of the `known` names.
    """
    try:
        if os.path.isdir(name):
            raise _unreadable(name, "this is a directory", "name a file in it")
        if os.path.exists(name) and not os.path.isfile(name):
            raise _unreadable(name, "this is not a regular file", "pipe it in: the target `-` reads standard input")
        size = os.stat(name).st_size
        if size > bounds.MAX_FILE_BYTES:
            raise _unreadable(name, f"the file has {size:,} bytes", bounds.how_to_raise("MAX_FILE_BYTES"))
        with open(name, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise _unreadable(name, "there is no such file", _nearest_file(name, known)) from None
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _unreadable(name, f"the file cannot be read: {reason}", "") from None
    return decode(display_path(name), data, name)


def _nearest_file(name: str, known: Callable[[], Iterable[str]]) -> str:
    """A suggestion: a shipped spec, or a file in the same folder."""
    stem = os.path.splitext(os.path.basename(name))[0]
    if stem in shipped.files():
        return f"`{stem}`, without the ending, is a shipped spec"
    folder = os.path.dirname(name) or "."
    files = os.listdir(folder) if os.path.isdir(folder) else []
    near = nearest(os.path.basename(name), [file for file in files if file.endswith(SUFFIXES)])
    return near or nearest(stem, known())


def _unreadable(name: str, message: str, help: str) -> SpecError:
    return SpecError([Problem("unreadable-file", message, Where(name), help=help)])


def display_path(name: str) -> str:
    """The path with forward slashes, relative to the working directory where it is inside."""
    path, here = os.path.abspath(name), os.getcwd()
    shown = path[len(here) + 1 :] if path.startswith(here.rstrip(os.sep) + os.sep) else name
    return shown.replace(os.sep, "/")
