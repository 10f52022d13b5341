"""Which files `check` looks at, in whatever state they are, and how it names them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc import bounds
from convcalc.checking.discovery import discover
from convcalc.checking.runner import check_files
from convcalc.checking.settings import Settings
from convcalc.errors import UsageError
from tests.checking.files import BROKEN, FINE, OTHER, names, only_problem, put, results
from tests.workspace import Workspace


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """An empty directory, which is the working directory."""
    return workspace.path


# -- what a directory holds ------------------------------------------------------------------------------------------

SPECS = [
    FINE,
    "layers: [relu]\ninput: [3]\n",
    "\ufeff" + FINE,
    FINE.replace("\n", "\r\n"),
    FINE.replace("\n", "\r"),
    "{input: [3], layers: [relu]}\n",
    '{"input": [3],\n "layers": ["relu"]}\n',
    "'input': [3]\n\"layers\": [relu]\n",
    "  input: [3]\n  layers: [relu]\n",
    "? input\n: [3]\n? layers\n: [relu]\n",
    "# a comment\n---\ninput : [3]\nlayers : [relu]\n",
    "variants: {a: {input: [3]}}\nlayers: [relu]\n",
    "input: [3]\nlayrs: [relu]\nexpect: {params: 0}\n",
    "inptu: [3]\nlayers: [relu]\nexpect: {params: 0}\n",
    "input: [3]\nlayers: [relu\n",
    "blocks: {a: {layers: [rleu]}}\nparams: {width: 3}\n",
]
OTHERS = [
    "",
    "- input\n- layers\n",
    "text",
    OTHER,
    "name: x\ninputs: {paths: {}}\noutputs: {}\nruns: {using: composite}\n",
    "layers: {hello: {path: .}}\ncustom: {stage: dev}\nprovider: aws\n",
    "layers: 3\nparams: {rate: 0.1}\n",
    "input: data.csv\noutput: {}\n",
    "nested:\n  input: [3]\n  layers: [relu]\n",
    "{nested: {input: [3], layers: [relu]}}\n",
    "text: |\n  input: [3]\n  layers: [relu]\n",
    "a: [input: 3, layers: 4]\n",
    "[" * 5000 + "layers",
    "layers: !Ref x\n",
    b"\xff\xfe\x00\xd8l",
    b"\0\1\2layers\0",
]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_is_known_by_its_keys(text: str, folder: Path) -> None:
    put("net.yaml", text)
    assert names(".") == ["net.yaml"]


@pytest.mark.parametrize("text", OTHERS)
def test_other_yaml_is_passed_over(text: str | bytes, folder: Path) -> None:
    put("other.yaml", text)
    (passed_over,) = results(".").passed_over
    assert passed_over.name == "other.yaml"
    assert "top-level key" in passed_over.passed_over
    assert names("other.yaml") == ["other.yaml"], "a file that is named is checked"
    assert names("other.yaml", only_specs=True) == []


def test_a_spec_in_utf_16_is_no_other_yaml(folder: Path) -> None:
    put("net.yaml", FINE.encode("utf-16"))
    assert only_problem(".").rule == "encoding"


def test_a_large_file_is_told_by_its_beginning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_FILE_BYTES", 100)
    put("data.yaml", "a: 1\n" * 100)
    put("net.yaml", FINE + "# more\n" * 100)
    (problem,) = results(".").problems
    assert (problem.where.file, problem.message) == ("net.yaml", "the file has 726 bytes")


def test_what_is_searched(folder: Path) -> None:
    for path in ("b.yaml", "a.yml", "c.json", "sub/d.yaml", "sub/deep/e.yaml", "a-sub/f.yaml", "odd.yaml/g.yaml"):
        put(path)
    for path in (".hidden/h.yaml", ".hidden.yaml", "node_modules/i.yaml", "env/pyvenv.cfg", "env/j.yaml"):
        put(path)
    assert names(".") == ["a.yml", "b.yaml", "a-sub/f.yaml", "odd.yaml/g.yaml", "sub/d.yaml", "sub/deep/e.yaml"]
    assert names("env", ".hidden", ".hidden.yaml") == ["env/j.yaml", ".hidden/h.yaml", ".hidden.yaml"]


ODD_NAMES = [
    "two words.yaml",
    "two\nlines.yaml",
    "-x.yaml",
    "a[1].yaml",
    "?.yaml",
    "#@:.yaml",
    "ö.yaml",
    "o\u0308.yaml",
]


def test_odd_names(folder: Path) -> None:
    for name in ODD_NAMES:
        put(f"specs/{name}")
    put(os.fsdecode(b"specs/\xff.yaml"))
    expected = sorted([*(f"specs/{name}" for name in ODD_NAMES), os.fsdecode(b"specs/\xff.yaml")])
    assert names("specs") == names("specs/*.yaml") == names("**/*.yaml") == expected
    for name in expected:
        assert names(name) == [name], "a file of that very name comes before a pattern"


def test_each_file_once(folder: Path) -> None:
    put("specs/a.yaml")
    put("specs/b.yaml")
    os.symlink("a.yaml", "specs/link.yaml")
    os.symlink("specs", "same")
    whole = str(folder / "specs" / "b.yaml")
    assert names("specs", "./specs/", "specs/*.yaml", "same", "same/a.yaml", whole) == ["specs/a.yaml", "specs/b.yaml"]
    assert names("specs/../specs/b.yaml", "specs") == ["specs/b.yaml", "specs/a.yaml"]
    assert [each.name for each in results("specs").checked] == ["specs/a.yaml", "specs/b.yaml"]


def test_a_file_that_is_named_and_in_a_directory_is_checked(folder: Path) -> None:
    put("specs/other.yaml", OTHER)
    assert names("specs") == []
    assert names("specs", "specs/other.yaml") == ["specs/other.yaml"]


def test_patterns(folder: Path) -> None:
    for path in ("a.yaml", "m/a.yaml", "m/b.yml", "m/n/a.yaml", "m/n/o/c.yaml", ".hidden/a.yaml", "m/readme.md"):
        put(path)
    assert names("**/a.yaml") == ["a.yaml", "m/a.yaml", "m/n/a.yaml"]
    assert names("m/**/a.yaml") == ["m/a.yaml", "m/n/a.yaml"]
    assert names("m/**") == ["m/a.yaml", "m/b.yml", "m/n/a.yaml", "m/n/o/c.yaml"]
    assert names("**/n/**/*.yaml") == ["m/n/a.yaml", "m/n/o/c.yaml"]
    assert names("[am].yaml") == ["a.yaml"]
    assert names("?/?") == ["m/n/a.yaml", "m/n/o/c.yaml"], "a directory that a pattern matches is searched"
    assert names(f"{folder}/**/c.yaml") == ["m/n/o/c.yaml"]
    with pytest.raises(UsageError, match=r"no file matches `\*\.yml`"):
        names("*.yml")


def test_links_to_directories_are_not_followed(folder: Path) -> None:
    put("specs/a.yaml")
    for name in ("one", "two"):
        os.symlink(".", f"specs/{name}")  # glob's own ** takes 2**40 ways through these
    os.symlink("..", "specs/up")
    put("elsewhere/b.yaml")
    os.symlink("../elsewhere", "specs/beside")
    assert names("specs") == names("specs/**/*.yaml") == ["specs/a.yaml"]
    assert names("specs/beside") == ["specs/beside/b.yaml"], "but one that is named is"


def test_a_tree_deeper_than_the_stack(folder: Path) -> None:
    depth = sys.getrecursionlimit() + 100
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    put("net.yaml")
    os.chdir(folder)
    try:
        assert [name.count("/") for name in names("d")] == [depth]
    finally:  # who clears temporary directories away later may not be able to go so deep
        for _ in range(depth):
            os.chdir("d")
        os.unlink("net.yaml")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")


# -- files that cannot be read ---------------------------------------------------------------------------------------


def test_links_that_lead_nowhere(folder: Path) -> None:
    put("specs/fine.yaml")
    os.symlink("gone.yaml", "specs/dangling.yaml")
    os.symlink("loop.yaml", "specs/loop.yaml")
    found = results("specs")
    assert [str(problem.where) for problem in found.problems] == ["specs/dangling.yaml", "specs/loop.yaml"]
    assert {problem.rule for problem in found.problems} == {"unreadable-file"}
    assert (found.exit_code, len(found.checked)) == (2, 3)
    assert only_problem("./specs/dangling.yaml").where.file == "specs/dangling.yaml"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_not_opened(folder: Path) -> None:
    os.mkfifo("pipe.yaml")
    put("net.yaml")
    found = results(".")
    assert [each.name for each in found.checked] == ["net.yaml"]
    assert [(each.name, each.passed_over) for each in found.passed_over] == [("pipe.yaml", "it is not a regular file")]
    assert only_problem("pipe.yaml").message == "this is not a regular file"


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no devices")
def test_devices(folder: Path) -> None:
    os.symlink("/dev/zero", "zero.yaml")
    assert names(".") == []
    assert only_problem("zero.yaml").message == "this is not a regular file"
    assert only_problem("/dev/null").message == "this is not a regular file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(folder: Path) -> None:
    put("net.yaml")
    put("closed/net.yaml")
    os.chmod("net.yaml", 0)
    os.chmod("closed", 0)
    try:
        assert [each.message for each in results(".").problems] == [
            "the file cannot be read: Permission denied", "the directory cannot be read: Permission denied",
        ]  # fmt: skip
    finally:
        os.chmod("closed", 0o700)


def test_a_directory_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("specs/a.yaml")
    put("specs/closed/b.yaml")
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if os.path.normpath(path) == os.path.join("specs", "closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    for path in ("specs", "specs/closed", "**/*.yaml"):
        found = results(path)
        assert [str(each) for each in found.problems] == [
            "specs/closed: error[unreadable-file] the directory cannot be read: Permission denied"
        ]
        assert found.exit_code == 2


def test_what_is_removed_meanwhile(folder: Path) -> None:
    put("specs/a.yaml")
    put("specs/b.yaml")
    found = discover(["specs"])
    os.remove("specs/a.yaml")
    checked = list(check_files(found, lambda path: Settings(), 1))
    assert [(each.name, each.passed_over) for each in checked] == [
        ("specs/a.yaml", "it was just removed"), ("specs/b.yaml", ""),
    ]  # fmt: skip
    named = discover(["specs/b.yaml"])
    os.remove("specs/b.yaml")
    (gone,) = check_files(named, lambda path: Settings(), 1)
    assert [each.message for each in gone.problems] == ["there is no such file"]


# -- how paths are shown ---------------------------------------------------------------------------------------------


def test_paths_are_shown_from_where_the_user_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("specs/sub/net.yaml", BROKEN)
    here = os.getcwd()
    assert only_problem(f"{here}/specs").where.file == "specs/sub/net.yaml"
    assert only_problem("./specs//sub/").where.file == "specs/sub/net.yaml"
    monkeypatch.chdir("specs")
    assert only_problem(".").where.file == "sub/net.yaml"
    assert only_problem("../specs").where.file == "sub/net.yaml"
    monkeypatch.chdir("sub")
    assert only_problem("..").where.file == "net.yaml"
    os.mkdir("beside")
    monkeypatch.chdir("beside")
    assert only_problem("..").where.file == "../net.yaml"
    assert only_problem(f"{here}/specs").where.file == f"{here}/specs/sub/net.yaml"
