"""Files of other formats as targets: missing files, variants, git revisions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import convcalc
from convcalc.errors import SpecError
from convcalc.importers import ENDINGS
from tests.foreign import DIGITS, PARAMS
from tests.importers.torch import exported
from tests.workspace import Workspace, needs_git

SMALL_PARAMS = 136


@pytest.fixture
def nets(workspace: Workspace) -> Workspace:
    """A repository whose `main` has another net.pt2 than its work tree, and a broken file."""
    exported.write(workspace / "net.pt2", exported.small())
    workspace.write({"broken.pt2": "x: ["})
    workspace.commit()
    exported.write(workspace / "net.pt2", exported.small(height=16))
    return workspace


@needs_git
def test_a_file_at_a_revision(nets: Workspace) -> None:
    assert convcalc.analyse("main:net.pt2").totals.macs == 108 * 64 + 20
    assert convcalc.analyse("net.pt2").totals.macs == 108 * 128 + 20
    call = nets.call("diff", "net.pt2", "--exit-code")
    assert (call.code, call.err) == (1, "")
    assert "main:net.pt2" in nets.call("diff", "main:net.pt2", "net.pt2").out
    assert nets.call("import", "HEAD:net.pt2").err == "ok: 5 layers: shapes and 136 parameters as in the source\n"


@needs_git
def test_a_file_at_a_revision_leaves_no_copy(nets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (nets / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(nets / "temporary"))
    convcalc.load("main:net.pt2")
    with pytest.raises(SpecError):
        convcalc.load("main:broken.pt2")
    assert os.listdir(nets / "temporary") == []


@needs_git
def test_a_large_file_at_a_revision_is_copied(nets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.bounds.MAX_FILE_BYTES", 100)
    assert convcalc.analyse("main:net.pt2").totals.params == SMALL_PARAMS


@needs_git
@pytest.mark.parametrize(
    ("target", "message", "help"),
    [
        (
            "main:zoo.pt2",
            "main:zoo.pt2: error[unreadable-file] there is no such file",
            "files in that folder are broken.pt2",
        ),
        ("main:broken.pt2", "main:broken.pt2: error[unreadable-file] this is no zip archive", "torch.export.save"),
        ("none:net.pt2", "there is no revision `none`", "git branch"),
        ("main:folder/net.pt2", "there is no such file", ""),
    ],
)
def test_what_a_revision_does_not_have(nets: Workspace, target: str, message: str, help: str) -> None:
    call = nets.call("count", target)
    assert call.code == 2
    assert message in call.err
    assert help in call.err


@needs_git
def test_a_file_whose_name_has_a_colon_takes_precedence(nets: Workspace) -> None:
    (nets / "main:net.pt2").write_bytes(DIGITS.read_bytes())
    assert convcalc.analyse("main:net.pt2").totals.params == PARAMS


@needs_git
def test_growth_since_a_revision(nets: Workspace) -> None:
    code, text = nets.check("net.pt2", "--baseline", "main", "--max-growth", "macs=10%")
    assert code == 1
    assert "net.pt2: error[growth] macs is 13,844, and 6,932 at main" in text
    assert nets.check("net.pt2", "--baseline", "main", "--max-growth", "params=0")[0] == 0


def test_a_missing_file(nets: Workspace) -> None:
    for ending in ENDINGS:
        with pytest.raises(SpecError, match="there is no such file"):
            convcalc.load(f"none{ending}")
    call = nets.call("count", "nett.pt2")
    assert (call.code, call.err) == (
        2, "nett.pt2: error[unreadable-file] there is no such file\n  help: did you mean net.pt2?\n"
    )  # fmt: skip


def test_a_directory(workspace: Workspace) -> None:
    (workspace / "net.pt2").mkdir()
    assert "this is a directory" in workspace.call("count", "net.pt2").err


@pytest.mark.parametrize("target", ["net.pt2@wide", "net.onnx@wide", "main:net.pt2@wide"])
def test_other_formats_have_no_variants(workspace: Workspace, target: str) -> None:
    call = workspace.call("count", target)
    assert call.code == 2
    assert f"{target.partition('@')[0]} has no variants, so `@wide` names none" in call.err
    assert "convcalc import" in call.err


@pytest.mark.parametrize("content", [None, b"PK\x03\x04\x00\x00", b"\xff\xfe model"])
def test_an_ending_that_no_reader_has(workspace: Workspace, content: bytes | None) -> None:
    if content is not None:
        workspace.write({"model.foo": content})
    call = workspace.call("count", "model.foo")
    assert call.code == 2
    assert all(ending in call.err for ending in (".yaml", *ENDINGS))


@pytest.mark.parametrize("content", [None, b"PK\x03\x04\x00\x00"])
def test_weights_alone(workspace: Workspace, content: bytes | None) -> None:
    if content is not None:
        workspace.write({"model.pth": content})
    call = workspace.call("count", "model.pth")
    assert call.code == 2
    assert "weights have no graph: name the code, pytorch:MODULE:NAME" in call.err


def test_a_spec_may_have_any_ending(workspace: Workspace) -> None:
    workspace.write({"net.txt": "input: [1, 4, 4]\nlayers: [relu]\n"})
    assert list(convcalc.load("net.txt").inputs) == ["input"]


def test_capitals_in_an_ending(workspace: Workspace) -> None:
    Path("NET.PT2").write_bytes(DIGITS.read_bytes())
    assert convcalc.analyse("NET.PT2").totals.params == PARAMS
