"""The places that `check` names in a file, and what it keeps of a file that was checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc import garbage
from convcalc.checking.discovery import discover
from convcalc.checking.runner import check_files
from convcalc.checking.settings import Settings
from tests.checking.files import put, results
from tests.workspace import Workspace


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """An empty directory, which is the working directory."""
    return workspace.path


PLACES = {
    "line feeds": (b"name: x\ninput: [3]\nlayers:\n  - rleu\n", 4, 5),
    "Windows": (b"name: x\r\ninput: [3]\r\nlayers:\r\n  - rleu\r\n", 4, 5),
    "old Macintosh": (b"name: x\rinput: [3]\rlayers:\r  - rleu\r", 4, 5),
    "mixed": (b"name: x\r\ninput: [3]\nlayers:\r  - rleu", 4, 5),
    "byte order mark": (b"\xef\xbb\xbfinput: [3]\nlayers: [rleu]\n", 2, 10),
    "mark, in its first line": (b"\xef\xbb\xbf{input: [3], layers: [rleu]}\n", 1, 23),
    "a quoted text over two lines": (b'name: "two\r\n  lines"\r\ninput: [3]\r\nlayers: [rleu]\r\n', 4, 10),
    "a block of text": (b"description: |\r\n  one\r\n\r\n  two\r\ninput: [3]\r\nlayers: [rleu]\r\n", 6, 10),
    "wide characters": ("name: x\ninput: [3]\nlayers: [{relu: {name: \U0001f600é, inplce: 1}}]\n".encode(), 3, 28),
    "a tab": (b"input: [3]\nlayers:\t[rleu]\n", 2, 10),
}


@pytest.mark.parametrize("case", PLACES)
def test_places_hold_whatever_the_line_ends(case: str, folder: Path) -> None:
    data, line, column = PLACES[case]
    put("net.yaml", data)
    found = {(each.where.line, each.where.column): each for each in results("net.yaml").problems}
    assert (line, column) in found
    text = data.removeprefix(b"\xef\xbb\xbf").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert found[line, column].excerpt == text.split("\n")[line - 1]


def test_a_comment_speaks_of_its_line_whatever_the_line_ends(folder: Path) -> None:
    spec = "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 3}%s\n  - batch_norm2d\n"
    for end in ("\n", "\r\n", "\r"):
        put("net.yaml", (spec % "").replace("\n", end))
        assert [each.rule for each in results("net.yaml").problems] == ["bias-before-norm"]
        put("net.yaml", (spec % "  # convcalc: ignore[bias-before-norm] on purpose").replace("\n", end))
        assert results("net.yaml").problems == []


def test_garbage_is_collected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the networks of one file held is let go: the objects that live do not grow with the files."""
    import gc

    for number in range(40):
        put(f"n{number}.yaml", "input: [3, 8, 8]\nlayers: [relu: {repeat: 50}]\n")
    monkeypatch.setattr(garbage, "MAX_OBJECTS", 2_000)
    files, counts = discover(["."]), []
    gc.disable()
    try:
        for _ in check_files(files, lambda path: Settings(), 1):
            counts.append(len(gc.get_objects()))
    finally:
        gc.enable()
    assert max(counts[20:]) < 1.1 * max(counts[:20])
