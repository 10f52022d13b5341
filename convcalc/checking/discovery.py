"""Finds the files to check: named files, files that match a pattern, and the specs in a directory.

A named file is always checked. In a directory a YAML file is a spec if it has the top-level keys of a spec; other YAML
(workflows, settings) is skipped. Links to files are followed. Links to directories are not: they may form loops.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from convcalc.errors import UsageError
from convcalc.importers import PYTORCH
from convcalc.problems import nearest
from convcalc.targets import names
from convcalc.text.files import STDIN, SUFFIXES

# These directories have no specs of the user; hidden ones and virtual environments are skipped too.
SKIPPED = frozenset(["__pycache__", "node_modules", "site-packages"])
ENVIRONMENT = "pyvenv.cfg"  # at the root of every virtual environment


@dataclass(slots=True)
class PathToCheck:
    """A path to check.

    `named` is true where the user named the path itself, not a directory around it. `unreadable` is the reason why
    a directory cannot be listed; empty for a file.
    """

    path: str
    named: bool
    unreadable: str = ""


def discover(
    paths: Iterable[str], only_specs: bool = False, is_excluded: Callable[[str], bool] = lambda path: False
) -> list[PathToCheck]:
    """The files of the paths, each once, in the order of the paths and by name within a directory.

    `-` is standard input. With `only_specs` a named file is handled as a file in a directory: it is skipped if it is
    not a spec. `is_excluded` applies to files that are not named. Raises UsageError for a path or pattern without
    files.
    """
    found: dict[str, PathToCheck] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for each in _expand(path):
            each.named = each.named and (each.path == STDIN or not only_specs)
            known = found.setdefault(_identity(each.path, folders), each)
            known.named = known.named or each.named
    return [each for each in found.values() if each.named or not is_excluded(each.path)]


def _identity(path: str, folders: dict[str, str]) -> str:
    """A key that is equal for two paths to one file. `folders` caches the real paths of directories."""
    if path == STDIN or path.startswith(PYTORCH):
        return path
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)


def _expand(path: str) -> Iterator[PathToCheck]:
    if path == STDIN or path.startswith(PYTORCH) or os.path.isfile(path):
        yield PathToCheck(path, named=True)
    elif os.path.isdir(path):
        yield from _files_in(path)
    elif os.path.lexists(path):
        yield PathToCheck(path, named=True)  # a dangling link or a device: reading it gives the error
    elif glob.has_magic(path):
        matches = sorted(set(_matches(path)))
        if not matches:
            raise UsageError(f"no file matches `{path}`", "quote the pattern; it is relative to the working directory")
        for match in matches:
            yield from _expand(match)
    else:
        raise _missing(path)


def _matches(pattern: str) -> Iterator[str]:
    """The paths that a pattern matches; `**` matches any directories that are searched, or none."""
    parts = pattern.replace(os.altsep or os.sep, os.sep).split(os.sep)
    if "**" not in parts:
        yield from glob.iglob(pattern)
        return
    first = parts.index("**")
    above, below = os.sep.join(parts[:first]), os.sep.join(parts[first + 1 :])
    for root in glob.glob(above) if above else [os.sep if first else os.curdir]:
        if not below:
            yield root
            continue
        # Not the `**` of glob, which follows links to directories and may loop.
        for folder, entries in _walk(root):
            if isinstance(entries, OSError):
                yield folder
            else:
                yield from _matches(os.path.join(glob.escape(folder), below))


def _files_in(folder: str) -> Iterator[PathToCheck]:
    """The YAML files below a directory, and the directories below it that cannot be listed."""
    for here, entries in _walk(folder):
        if isinstance(entries, OSError):
            yield PathToCheck(here, named=False, unreadable=entries.strerror or str(entries))
            continue
        for entry in entries:
            if entry.name.endswith(SUFFIXES) and not os.path.isdir(entry.path):
                yield PathToCheck(entry.path, named=False)


def _walk(root: str) -> Iterator[tuple[str, list[os.DirEntry[str]] | OSError]]:
    """The directories to search from `root` on, each with its entries by name, or the error where it cannot be listed.

    Hidden entries are left out. It uses a stack, not recursion: directories may be of any depth.
    """
    waiting = [root]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted((each for each in listing if not each.name.startswith(".")), key=_name)
        except FileNotFoundError:
            continue  # it has just been removed
        except OSError as error:
            yield here, error
            continue
        if here != root and any(each.name == ENVIRONMENT for each in entries):
            continue
        yield here, entries
        folders = [each.path for each in entries if each.is_dir(follow_symlinks=False) and each.name not in SKIPPED]
        waiting += reversed(folders)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _missing(path: str) -> UsageError:
    folder, name = os.path.split(path)
    if path in names.short_names():
        help = f"check takes files; `convcalc zoo {path} --show > {path}.yaml` writes the shipped spec into one"
        return UsageError(f"there is no file `{path}`", help)
    beside = os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
    return UsageError(f"there is no file `{path}`", nearest(name, beside) or "name files, directories, patterns or -")
