"""The files that another file records, such as a lock file, and that the run no longer finds."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence

from convcalc.checking.configuration.patterns import Patterns
from convcalc.checking.results import FileResult
from convcalc.files import NamesBeside


def without_network(recorded: Iterable[str], names: NamesBeside, files: Sequence[FileResult]) -> dict[str, str]:
    """By name, the recorded files that no longer have a network, with the reason."""
    passed_over = {names.name_of(each.name): each.passed_over for each in files if each.passed_over}
    found = {}
    for name in recorded:
        if name in passed_over:
            found[name] = f"it is passed over: {passed_over[name]}"
        elif not os.path.lexists(names.path_of(name)):
            found[name] = "there is no such file"
    return found


def includes(paths: Iterable[str], file: str) -> bool:
    """Whether the paths of a run include a file, if it existed."""
    file = os.path.abspath(file)
    for path in paths:
        whole = os.path.abspath(path)
        if file == whole or file.startswith(os.path.join(whole, "")):
            return True
        if glob.has_magic(path) and not os.path.lexists(path):
            pattern = os.path.join(glob.escape(os.getcwd()), path).replace(os.sep, "/")
            if Patterns([pattern]).match(file.replace(os.sep, "/").lstrip("/")):
                return True
    return False


def is_text(name: str) -> bool:
    """Whether the name of a file is text; on some systems it may be any bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
