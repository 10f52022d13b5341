"""Targets of the form REV:FILE: specs and other files as they are at a revision of a git repository.

It uses only plumbing commands of git, because no setting of the user changes their output.
"""

from __future__ import annotations

import io
import os
import posixpath
import re
import subprocess
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from convcalc import bounds
from convcalc.errors import SpecError, UsageError
from convcalc.importers import is_foreign
from convcalc.problems import Problem, Where, nearest
from convcalc.targets.target import Target
from convcalc.text.files import SUFFIXES
from convcalc.text.source import Source, decode

# A revision may have a colon in braces: main@{2026-01-01 10:00}.
_TARGET_FORM = re.compile(r"(?P<revision>(?:[^:{}]|\{[^}]*\})+):(?P<rest>.+)", re.S)
_FOUND_LINE = re.compile(rb"[0-9a-f]{40,64} (\w+) (\d+)\n")
_NOT_FOLLOWED_LINE = re.compile(rb"(?:symlink|dangling|loop|notdir) (\d+)\n")
# Git sets these for its hooks. With them it uses another repository than that of the current folder.
_HOOK_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


def find(text: str) -> Target | None:
    """The target REV:FILE, REV:FILE@VARIANT or either with #LAYER; None for a text of another form.

    FILE is relative to the working directory. A file on disk whose name has this form takes precedence. Raises
    UsageError where there is no such revision, SpecError where the revision has no such file.
    """
    name, rest = _parts(text)
    path, hash_sign, layer = rest.partition("#")
    file, at, variant = (path, "", "") if path.endswith(SUFFIXES) else path.rpartition("@")
    file = file if at else path
    if not name or os.path.exists(f"{name}:{file}"):
        return None
    revision = find_revision(name, os.path.dirname(file))
    source = revision.read(revision.place_of(file))
    return Target(text.removesuffix(f"#{layer}"), source, variant if at else None, layer if hash_sign else None)


def copy(text: str, folder: str) -> str | None:
    """The path of a copy of REV:FILE, of any size, in a folder; None for a text of another form.

    A file on disk whose name has this form takes precedence. Raises UsageError and SpecError as `find` does.
    """
    name, path = _parts(text)
    if not name or os.path.exists(text):
        return None
    revision = find_revision(name, os.path.dirname(path))
    copied = os.path.join(folder, os.path.basename(path))
    with open(copied, "wb") as file:
        revision.copy(revision.place_of(path), file)
    return copied


def _parts(text: str) -> tuple[str, str]:
    """The revision and the rest of a text of the form REV:FILE; two empty texts for another form."""
    match = _TARGET_FORM.fullmatch(text)
    if match is None:
        return "", ""
    name, rest = match["revision"], match["rest"]
    is_drive = len(name) == 1 and rest[0] in "/\\"
    return ("", "") if is_drive else (name, rest)


class Revision:
    """One revision of a repository: its `name` as the user wrote it, the work tree's `root`, the hash of its `tree`.

    It is also the reader of the files that its specs include. A place is a path from the root, with forward slashes.
    One git process reads all files: it starts with the first file and ends with this object.
    """

    allowed = "only files of the repository can be included"

    def __init__(self, name: str, root: str, tree: str) -> None:
        self.name = name
        self.root = root
        self.tree = tree
        self._process: subprocess.Popen[bytes] | None = None

    def place_of(self, path: str) -> str:
        """The place of a file, given relative to the working directory. Raises UsageError outside the repository."""
        folder, name = os.path.split(os.path.abspath(path))
        place = os.path.relpath(os.path.join(os.path.realpath(folder), name), self.root).replace(os.sep, "/")
        if place.startswith("../") or os.path.isabs(place):
            raise UsageError(f"{path} is outside the repository {self.root}", "give a file inside the repository")
        return place

    def find(self, path: str, beside: str) -> str | None:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(beside), path.replace(os.sep, "/")))
        return None if place.startswith(("../", "/")) else place

    def read(self, place: str) -> Source:
        data = self.blob(place)
        if data is None:
            raise self._missing(place)
        return self.source(place, data)

    def source(self, place: str, data: bytes) -> Source:
        """The text of a file, which can include other files of this revision. Raises SpecError for a binary file."""
        source = decode(f"{self.name}:{self._relative_path(place)}", data, place)
        source.reader = self
        return source

    def blob(self, place: str) -> bytes | None:
        """The bytes of a file, None where there is none. Links inside the repository are followed. Raises SpecError."""
        size, stream = self._found(place)
        if size is None:
            return None
        if size > bounds.MAX_FILE_BYTES:
            _skip(stream, size + 1)
            where, help = Where(f"{self.name}:{place}"), bounds.how_to_raise("MAX_FILE_BYTES")
            raise SpecError([Problem("unreadable-file", f"the file has {size:,} bytes", where, help=help)])
        return stream.read(size + 1)[:-1]

    def copy(self, place: str, file: IO[bytes]) -> None:
        """Write the bytes of a file into another, piece by piece. Raises SpecError where there is none."""
        size, stream = self._found(place)
        if size is None:
            raise self._missing(place)
        for piece in _pieces(stream, size):
            file.write(piece)
        _skip(stream, 1)

    def _missing(self, place: str) -> SpecError:
        where = Where(f"{self.name}:{self._relative_path(place)}")
        return SpecError([Problem("unreadable-file", "there is no such file", where, help=self._suggestion(place))])

    def _found(self, place: str) -> tuple[int | None, IO[bytes]]:
        """The size of a file, None where there is none, and the stream with its bytes and a line break."""
        request = os.fsencode(f"{self.tree}:{place}") + b"\n"
        if b"\n" in request[:-1]:
            return None, io.BytesIO()  # git would read two requests; no spec has a line break in its name
        process = self._git_process()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except BrokenPipeError:  # not caught here, it would mean that the reader of our output has stopped
            raise _no_answer_error(self.root) from None
        head = process.stdout.readline()
        if not head:
            raise _no_answer_error(self.root)
        return _size_in(head, process.stdout), process.stdout

    def _git_process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                ["git", "cat-file", "--batch", "--follow-symlinks"],  # noqa: S607  # the git that the user has
                cwd=self.root, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            weakref.finalize(self, _end_process, self._process)
        return self._process

    def _relative_path(self, place: str) -> str:
        return os.path.relpath(os.path.join(self.root, *place.split("/"))).replace(os.sep, "/")

    def _suggestion(self, place: str) -> str:
        """A suggestion for a missing file: the same path from the root of the repository, or a file in its folder."""
        written = self._relative_path(place)
        if written != place and not written.startswith("../") and self.blob(written) is not None:
            return f"a path is relative to the working directory: {self.name}:{self._relative_path(written)}"
        folder, name = posixpath.split(place)
        wanted = posixpath.splitext(name)[1] if is_foreign(name) else SUFFIXES
        names = _git(self.root, "ls-tree", "-z", "--name-only", f"{self.tree}:{folder}").stdout.split(b"\0")
        files = [entry for entry in map(os.fsdecode, names) if entry.endswith(wanted)]
        kind = "specs" if wanted == SUFFIXES else f"{wanted} files"
        near = nearest(name, files)
        return near or (f"the {kind} in that folder are {', '.join(files[:5])}" if files else "")


def _size_in(head: bytes, stream: IO[bytes]) -> int | None:
    """The size of the file in an answer of `git cat-file --batch`, whose first line is `head`; None without a file."""
    match, other = _FOUND_LINE.fullmatch(head), _NOT_FOLLOWED_LINE.fullmatch(head)
    if match is not None and match[1] == b"blob":
        return int(match[2])
    for size in (match and match[2], other and other[1]):  # of a directory, or of a link that leads to no file
        if size is not None:
            _skip(stream, int(size) + 1)
    return None


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """The next bytes of a stream, a few at a time."""
    for start in range(0, size, io.DEFAULT_BUFFER_SIZE):
        yield stream.read(min(io.DEFAULT_BUFFER_SIZE, size - start))


def _skip(stream: IO[bytes], size: int) -> None:
    for _ in _pieces(stream, size):
        pass


def _no_answer_error(root: str) -> UsageError:
    return UsageError(f"git gave no answer in the repository {root}", "`git fsck` checks the repository")


def _end_process(process: subprocess.Popen[bytes]) -> None:
    with suppress(BrokenPipeError), process:  # leaving `with` closes the pipes of git, which ends it
        pass


def find_revision(name: str, folder: str = "") -> Revision:
    """The revision of that name in the repository of a folder. Raises UsageError where there is none."""
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    folder = folder or os.curdir
    # No revision has a name that starts with a dash; git would read it as an option.
    is_name = bool(name) and not name.startswith("-") and "\0" not in name
    done = _git(folder, "rev-parse", "--show-toplevel", "--verify", "-q", f"{name}^{{tree}}" if is_name else "HEAD")
    lines = os.fsdecode(done.stdout).splitlines()
    if not lines:
        raise _no_repository(folder, done.stderr)
    if len(lines) < 2 or not is_name:
        raise _unknown_revision(name, lines[0])
    return Revision(name, os.path.realpath(lines[0]), lines[1])


def renames_since(revision: Revision) -> dict[str, str]:
    """The old place of each tracked file that was renamed since a revision, by its new place."""
    done = _git(revision.root, "diff-index", "--find-renames", "--diff-filter=R", "--name-status", "-z",
                "--ignore-submodules", revision.tree)  # fmt: skip
    words = [os.fsdecode(word) for word in done.stdout.split(b"\0")]
    return {new: old for old, new in zip(words[1::3], words[2::3])}


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    call = ["git", "-c", "core.fsmonitor=false", *arguments]  # else it may run a program that the repository names
    try:
        return subprocess.run(call, cwd=folder, env=_environment(), capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        help = "install git, or give a file that exists"
        raise UsageError("git is needed to read a revision, and is not installed", help) from None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _no_repository(folder: str, output: bytes) -> UsageError:
    lines = output.decode(errors="replace").strip().splitlines() or [""]
    where = "the working directory" if folder == os.curdir else folder
    if "not a git repository" in lines[0]:
        return UsageError(f"{where} is not in a git repository", "REV:FILE is a file at a revision, as `main:net.yaml`")
    return UsageError(f"git cannot read the repository of {where}", lines[0].removeprefix("fatal: "))


def _unknown_revision(name: str, root: str) -> UsageError:
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        help = f"this clone is shallow: `git fetch --depth=1 origin {name}` fetches a branch as FETCH_HEAD"
        return UsageError(f"there is no revision `{name}` in this clone", help)
    names = _git(root, "for-each-ref", "--format=%(refname:short)").stdout.decode(errors="replace").split()
    help = nearest(name, names) or "`git branch --all` lists the branches"
    return UsageError(f"there is no revision `{name}`", help)
