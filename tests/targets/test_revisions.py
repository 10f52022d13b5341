"""REV:FILE: specs, and what they include, as they are at a git revision."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import convcalc
from convcalc import bounds
from convcalc.errors import ConvcalcError, SpecError, UsageError
from convcalc.targets.find import find
from convcalc.targets.revisions import find_revision, renames_since
from tests.networks import NET, PARAMS, WIDE_PARAMS
from tests.workspace import Workspace, needs_git

pytestmark = needs_git

BLOCKS = "blocks:\n  stem:\n    layers: [conv2d: {out_channels: 4, kernel_size: 3}]\n"
USER = "include: ../lib/blocks.yaml\ninput: [3, 8, 8]\nlayers: [stem, relu]\n"


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A repository whose `main` has other specs than its work tree."""
    (tmp_path / "repository").mkdir()
    workspace = Workspace(tmp_path / "repository", capsys, monkeypatch)
    workspace.write(net=NET, specs__user=USER, lib__blocks=BLOCKS)
    workspace.commit()
    workspace.write(net=NET.replace("width: 16", "width: 32"), lib__blocks=BLOCKS.replace("4,", "5,"))
    return workspace


def params(target: str) -> int | None:
    return convcalc.analyse(target).totals.params


@pytest.mark.parametrize(
    "revision", ["main", "HEAD", "HEAD~0", "main@{0}", "HEAD@{2035-01-01 10:00:00}", "main^{tree}"]
)
def test_a_file_at_a_revision(workspace: Workspace, revision: str) -> None:
    assert params(f"{revision}:net.yaml") == PARAMS
    assert params(f"{revision}:./net.yaml@wide") == WIDE_PARAMS
    assert params("net.yaml") != PARAMS


def test_every_command_takes_it(workspace: Workspace) -> None:
    for call in (
        ["count", "main:net.yaml"],
        ["count", "main:net.yaml@wide", "net.yaml"],
        ["compare", "main:net.yaml", "net.yaml"],
        ["compare", "main:net.yaml#conv1", "net.yaml#conv1"],
        ["explain", "main:net.yaml", "conv1"],
        ["field", "main:net.yaml", "conv1"],
    ):
        code, out, err = workspace.call(*call)
        assert (code, err) == (0, ""), call
        assert out
    assert '"target": "main:net.yaml@wide"' in workspace.call("count", "main:net.yaml@wide", "--format", "json")[1]


def test_paths_start_where_the_user_stands(workspace: Workspace) -> None:
    workspace.enter("specs")
    assert params("main:user.yaml") == 112
    assert params("main:../net.yaml") == PARAMS
    assert params(f"main:{workspace.path}/net.yaml") == PARAMS
    with pytest.raises(SpecError) as error:
        find("main:specs/user.yaml")
    assert error.value.problems[0].help == "a path is relative to the working directory: main:user.yaml"
    assert str(error.value.problems[0].where) == "main:specs/user.yaml"


def test_from_outside_the_repository(workspace: Workspace, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    name = workspace.path.name
    assert params(f"main:{name}/specs/user.yaml") == 112


def test_included_files_are_of_the_same_revision(workspace: Workspace) -> None:
    assert params("main:specs/user.yaml") == 112
    assert params("specs/user.yaml") == 140
    (workspace / "lib/blocks.yaml").unlink()
    assert params("main:specs/user.yaml") == 112
    workspace.write(lib__blocks=BLOCKS.replace("out_channels", "channels"))
    workspace.commit("broken")
    with pytest.raises(SpecError) as error:
        convcalc.load("broken:specs/user.yaml")
    assert str(error.value.problems[0].where) == "broken:lib/blocks.yaml:3:23"
    assert "channels: 4" in error.value.problems[0].excerpt


def test_a_shipped_spec_is_included_by_its_name(workspace: Workspace) -> None:
    workspace.write(own="include: resnet\ninput: [64, 56, 56]\nlayers: [basic: {width: 64}]\n")
    workspace.commit("shipped")
    (workspace / "own.yaml").unlink()
    assert params("shipped:own.yaml") == 73_984


def test_what_is_included_stays_in_the_repository(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(BLOCKS)
    workspace.write(specs__user=USER.replace("../lib/blocks", "../../secret"))
    workspace.commit("out")
    with pytest.raises(SpecError) as error:
        convcalc.load("out:specs/user.yaml")
    assert (error.value.problems[0].rule, error.value.problems[0].help) == (
        "include-outside", "only files of the repository can be included",
    )  # fmt: skip


def test_a_file_of_that_very_name_goes_before(workspace: Workspace) -> None:
    workspace.write({"main:net.yaml": NET.replace("width: 16", "width: 1")})
    assert params("main:net.yaml") == params("./main:net.yaml") != PARAMS
    assert params("main:net.yaml@wide") == WIDE_PARAMS
    assert find("main:net.yaml@wide").source.reader is None, "it is the file on the disk"
    assert params("HEAD:net.yaml") == PARAMS


def test_a_branch_may_hold_signs_that_targets_use(workspace: Workspace) -> None:
    workspace.git("branch", "fix/a@b-#12")
    assert params("fix/a@b-#12:net.yaml@wide") == WIDE_PARAMS
    assert find("fix/a@b-#12:net.yaml#conv1").layer == "conv1"


def test_links_in_the_repository_are_followed(workspace: Workspace) -> None:
    os.symlink("net.yaml", workspace / "link.yaml")
    os.symlink("../outside.yaml", workspace / "out.yaml")
    os.symlink("loop.yaml", workspace / "loop.yaml")
    workspace.commit("links")
    assert params("links:link.yaml") == params("net.yaml")
    for name in ("out", "loop"):
        with pytest.raises(SpecError, match="there is no such file"):
            find(f"links:{name}.yaml")


MISSING: list[tuple[str, type[ConvcalcError], str, str]] = [
    ("main:nett.yaml", SpecError, "there is no such file", "did you mean net.yaml?"),
    ("main:specs", SpecError, "there is no such file", "the specs in that folder are net.yaml"),
    ("main:none/net.yaml", SpecError, "there is no such file", ""),
    ("main:net.yaml@huge", SpecError, "there is no variant `huge`", ""),
    ("maim:net.yaml", UsageError, "there is no revision `maim`", "did you mean main?"),
    ("-p:net.yaml", UsageError, "there is no revision `-p`", ""),
    ("main:../net.yaml", UsageError, "is not in a git repository", ""),
    ("main:/net.yaml", UsageError, "is not in a git repository", ""),
    ("main:a\nb.yaml", SpecError, "there is no such file", ""),
]


@pytest.mark.parametrize(("target", "kind", "message", "help"), MISSING, ids=[repr(case[0]) for case in MISSING])
def test_what_is_not_there(
    workspace: Workspace, target: str, kind: type[ConvcalcError], message: str, help: str
) -> None:
    with pytest.raises(kind) as error:
        convcalc.load(target)
    assert message in str(error.value)
    found = error.value.problems[0].help if isinstance(error.value, SpecError) else error.value.help  # type: ignore[attr-defined]
    assert help in found


def test_a_drive_is_no_revision(workspace: Workspace) -> None:
    for target in ("C:\\net.yaml", "c:/net.yaml"):
        with pytest.raises(SpecError, match="there is no such file"):
            find(target)


def test_without_a_repository(workspace: Workspace, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    code, out, err = workspace.call("count", "main:net.yaml")
    assert (code, out) == (2, "")
    assert "the working directory is not in a git repository" in err


def test_without_git(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    code, _, err = workspace.call("count", "main:net.yaml")
    assert code == 2
    assert "git is needed to read a revision, and is not installed" in err


def test_in_a_hook_git_reads_the_repository_of_the_file(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent")
    workspace.enter("specs")
    assert params("main:user.yaml") == 112


def test_a_shallow_clone_says_what_to_fetch(workspace: Workspace, tmp_path: Path) -> None:
    workspace.commit()
    workspace.git("branch", "base", "HEAD~1")
    workspace.git("clone", "-q", "--depth=1", "--branch=main", f"file://{workspace.path}", str(tmp_path / "clone"))
    os.chdir(tmp_path / "clone")
    assert params("main:net.yaml") != PARAMS
    with pytest.raises(UsageError) as error:
        find("base:net.yaml")
    assert "git fetch --depth=1 origin base" in error.value.help


def test_a_large_file_is_not_read(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_FILE_BYTES", 100)
    revision = find_revision("main")
    with pytest.raises(SpecError, match="bytes"):
        revision.read("net.yaml")
    assert revision.read("lib/blocks.yaml").text == BLOCKS, "the stream stands at the next answer"


def test_one_process_reads_all_files(workspace: Workspace) -> None:
    revision = find_revision("HEAD")
    assert [revision.blob(place) for place in ("lib/blocks.yaml", "none", "lib", "specs/user.yaml")] == [
        BLOCKS.encode(), None, None, USER.encode(),
    ]  # fmt: skip
    assert revision.blob("net.yaml") == NET.encode()


def test_renamed_files(workspace: Workspace) -> None:
    workspace.git("checkout", "-q", "--", ".")
    workspace.git("mv", "net.yaml", "with space.yaml")
    workspace.git("mv", "lib/blocks.yaml", "specs/é.yaml")
    assert renames_since(find_revision("main")) == {"with space.yaml": "net.yaml", "specs/é.yaml": "lib/blocks.yaml"}


def test_git_runs_no_program_of_the_repository(workspace: Workspace, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    program.chmod(0o755)
    workspace.git("config", "core.fsmonitor", str(program))
    revision = find_revision("main")
    assert revision.blob("net.yaml")
    assert renames_since(revision) == {}
    assert not (tmp_path / "ran").exists()
    workspace.git("status")
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("ending", ["exit 3", "read -r line; exit 3"])
def test_git_that_ends_without_an_answer(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nif [ "$1" = cat-file ]; then {ending}; fi\nexec {shutil.which("git")} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    for call in (["count", "main:net.yaml"], ["check", ".", "--baseline", "main"]):
        code, out, err = workspace.call(*call)
        assert (code, out) == (2, "")
        assert "`git fsck` checks the repository" in err


def test_what_is_no_text(workspace: Workspace) -> None:
    (workspace / "net.yaml").write_bytes(b"\xff\xfe\x00")
    workspace.commit("bytes")
    with pytest.raises(SpecError) as error:
        find("bytes:net.yaml")
    assert error.value.problems[0].rule == "encoding"
    assert error.value.problems[0].where.file == "bytes:net.yaml"
