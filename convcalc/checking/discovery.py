"""Which files are to be checked: those named, those a pattern matches, and the specs in a directory.

A file that is named is always checked. In a directory a YAML file is a spec when it has the top-level keys of one;
other YAML (workflows, settings) is passed over. Links to files are followed, links to directories are not, so that no
loop is walked.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.targets import names
from convcalc.text.files import STDIN, SUFFIXES

# Directories without specs of the user's own; hidden ones and virtual environments are skipped as well.
SKIPPED = frozenset(["__pycache__", "node_modules", "site-packages"])
ENVIRONMENT = "pyvenv.cfg"  # at the root of every virtual environment


@dataclass(slots=True)
class Found:
    """A path to be checked.

    `named` says that the user named it, and not a directory around it. `unreadable` is why a directory cannot be
    listed; empty for a file.
    """

    path: str
    named: bool
    unreadable: str = ""


def discover(
    paths: Iterable[str], only_specs: bool = False, is_excluded: Callable[[str], bool] = lambda path: False
) -> list[Found]:
    """The files that the paths name, each once, in the order of the paths and by name within a directory.

    `-` is standard input. With `only_specs` a named file is treated like one of a directory: it is passed over where
    it is no spec. What `is_excluded` says of a file that is not named leaves it out. Raises UsageError for a path or
    pattern that leads to nothing.
    """
    found: dict[str, Found] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for each in _expand(path):
            each.named = each.named and (each.path == STDIN or not only_specs)
            known = found.setdefault(_identity(each.path, folders), each)
            known.named = known.named or each.named
    return [each for each in found.values() if each.named or not is_excluded(each.path)]


def _identity(path: str, folders: dict[str, str]) -> str:
    """What two paths to one file have in common. `folders` remembers the real paths of directories."""
    if path == STDIN:
        return path
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)


def _expand(path: str) -> Iterator[Found]:
    if path == STDIN or os.path.isfile(path):
        yield Found(path, named=True)
    elif os.path.isdir(path):
        yield from _files_in(path)
    elif os.path.lexists(path):
        yield Found(path, named=True)  # a dangling link or a device: reading it says what is wrong
    elif glob.has_magic(path):
        matches = sorted(set(_matches(path)))
        if not matches:
            raise UsageError(f"no file matches `{path}`", "quote the pattern, and start it where you stand")
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
        # Not glob's own `**`: that follows links to directories, round and round.
        for folder, entries in _walk(root):
            if isinstance(entries, OSError):
                yield folder
            else:
                yield from _matches(os.path.join(glob.escape(folder), below))


def _files_in(folder: str) -> Iterator[Found]:
    """The YAML files below a directory, and the directories below it that cannot be listed."""
    for here, entries in _walk(folder):
        if isinstance(entries, OSError):
            yield Found(here, named=False, unreadable=entries.strerror or str(entries))
            continue
        for entry in entries:
            if entry.name.endswith(SUFFIXES) and not os.path.isdir(entry.path):
                yield Found(entry.path, named=False)


def _walk(root: str) -> Iterator[tuple[str, list[os.DirEntry[str]] | OSError]]:
    """The directories to be searched from `root` on, each with what is in it by name, or why that is not known.

    What is hidden is left out. One loop with a stack: no depth of directories is too much for it.
    """
    waiting = [root]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted((each for each in listing if not each.name.startswith(".")), key=_name)
        except FileNotFoundError:
            continue  # it was removed meanwhile
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
