"""The fields that the formats have in common: the place of a finding, its message, and a unique fingerprint."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from convcalc.arith.wording import visible
from convcalc.checking.formats import UNWRITABLE
from convcalc.problems import Problem
from convcalc.render.diagnostics import message_of, notes_of, value_width

# The variables with the folder of the checkout: in reports the paths of files are relative to this folder.
ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
_LINE = re.compile(r"\bline [\d,]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def encode(value: Any) -> str:
    """A value as JSON in ASCII, which is the same in every encoding of a pipe."""
    text = UNWRITABLE.sub("\ufffd", _encode(value))
    return _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)


def json_list(items: Iterable[Any], indent: str) -> Iterator[str]:
    """A JSON list in pieces, each item on a line."""
    separator = f"[\n{indent}  "
    for item in items:
        yield separator + encode(item)
        separator = f",\n{indent}  "
    yield "[]" if separator.startswith("[") else f"\n{indent}]"


def end_column(problem: Problem) -> int | None:
    """The column after the value at the problem's place; None where the place is a file or has no text."""
    where = problem.where
    if not where.line or where.column > len(problem.excerpt):
        return None
    return where.column + value_width(problem.excerpt, where.column)


def from_root(file: str) -> str:
    """The path of a file relative to the checkout, if the environment names it; otherwise unchanged."""
    path = os.path.abspath(file)
    for root in filter(None, map(os.environ.get, ROOTS)):
        if not file.startswith("<") and path.startswith(os.path.join(os.path.realpath(root), "")):
            return os.path.relpath(path, os.path.realpath(root)).replace(os.sep, "/")
    return file


def full_message(problem: Problem) -> str:
    """The message, then the notes and the help, each on a line of its own."""
    lines = [message_of(problem), *(f"{label}: {text}" for label, text in notes_of(problem))]
    return "\n".join(map(visible, lines))


def fingerprints(problems: Iterable[Problem]) -> Iterator[str]:
    """For each problem a unique text that does not change when its line moves."""
    seen: dict[tuple[str, ...], int] = {}
    for problem in problems:
        message = _LINE.sub("line", problem.message)
        key = (problem.rule, from_root(problem.where.file), problem.subject, message)
        seen[key] = seen.get(key, 0) + 1
        yield sha256(encode([*key, seen[key]]).encode()).hexdigest()
