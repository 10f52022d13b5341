"""What holds for all formats, and how `convcalc check` chooses and writes them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from convcalc.checking import formats
from convcalc.checking.finding_fields import ROOTS, fingerprints, from_root
from convcalc.checking.formats.github import MAX_ROWS, job_summary
from convcalc.checking.results import FileResult, Results
from convcalc.cli import check
from convcalc.cli.main import run
from convcalc.problems import Problem, Where
from convcalc.render.diagnostics import render_problem
from tests.checking.formats.folder import checked, fill, written
from tests.workspace import Workspace, command, finished

FOUND = "input: [3, 8, 8]\nlayers: [relu]\nexpect: {params: 1}\n"


@pytest.fixture(autouse=True)
def folder(workspace: Workspace) -> Path:
    """A directory with one spec."""
    workspace.write(net=FOUND)
    return workspace.path


def output(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["check", "net.yaml", *args]) == 1
    return capsys.readouterr().out


def test_the_command_offers_every_format() -> None:
    (option,) = (each for each in check.command.params if each.name == "format_")
    assert isinstance(option.type, click.Choice)
    assert option.type.choices == formats.FORMATS
    assert formats.FORMATS == ("github", "gitlab", "json", "junit", "sarif", "text")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_file_gets_what_a_pipe_gets(capsys: pytest.CaptureFixture[str], folder: Path, name: str) -> None:
    text = output(capsys, "--format", name)
    assert output(capsys, "--format", name, "--output", "report") == ""
    assert (folder / "report").read_text(encoding="utf-8") == text
    assert "expectation" in text


def test_a_file_has_no_colour(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\033[" in output(capsys)
    output(capsys, "--output", "report")
    assert "\033" not in (folder / "report").read_text(encoding="utf-8")


# -- GitHub ----------------------------------------------------------------------------------------------------------


def test_a_job_of_github_gets_annotations(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = output(capsys)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert output(capsys) == (
        "::error file=net.yaml,line=3,endLine=3,col=18,endColumn=19,title=expectation::"
        "net.yaml:3:18: error[expectation] params is 0, expected 1 (-1)\n"
        "1 file, 1 network: 1 error\n"
    )
    assert output(capsys, "--format", "text") == plain
    output(capsys, "--output", "report")
    assert Path("report").read_text(encoding="utf-8") == plain


def test_a_job_gets_its_summary(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    output(capsys)
    assert file.read_text() == "before\n", "text tells the terminal alone"
    output(capsys, "--format", "github")
    head, _, table = file.read_text(encoding="utf-8").partition("1 file, 1 network: 1 error\n")
    assert head == "before\n### convcalc check\n\n"
    assert "| net.yaml:3:18 | expectation | params is 0, expected 1 (-1) |\n" in table


def test_a_summary_that_cannot_be_written_is_no_error(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder))
    assert output(capsys, "--format", "github").endswith("1 error\n")


def test_a_long_summary_is_cut_and_says_so() -> None:
    problems = [Problem("some-rule", f"number {n}", Where("a|b.yaml", n)) for n in range(1, MAX_ROWS + 12)]
    text = "".join(job_summary(Results([FileResult("a|b.yaml", problems, {})])))
    rows = [line for line in text.splitlines() if line.startswith("| a")]
    assert len(rows) == MAX_ROWS
    assert all(row.count("|") == 4 for row in rows)
    assert text.endswith("\nAnd 11 more: 11 some-rule\n\n")


def test_files_are_named_from_the_top_of_the_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = folder / "sub dir"
    below.mkdir()
    monkeypatch.chdir(below)
    assert from_root("net.yaml") == "net.yaml"
    for name in ROOTS:
        with monkeypatch.context() as patch:
            patch.setenv(name, str(folder))
            assert from_root("net.yaml") == "sub dir/net.yaml"
            assert from_root("../net.yaml") == "net.yaml"
            assert from_root(str(folder / "net.yaml")) == "net.yaml"
            assert from_root("<stdin>") == "<stdin>"
            assert from_root("/elsewhere/net.yaml") == "/elsewhere/net.yaml"


# -- every format ----------------------------------------------------------------------------------------------------


def test_fingerprints_do_not_change_when_lines_move(folder: Path) -> None:
    text = "input: [3]\nlayers: [relu]\nlayers: [relu]\n"
    found = []
    for start in ("", "# one\n\n# two\n"):
        (folder / "net.yaml").write_text(start + text)
        problems = checked("net.yaml").problems
        found.append((problems[0].message, list(fingerprints(problems))))
    assert "line 2" in found[0][0]
    assert "line 5" in found[1][0]
    assert found[0][1] == found[1][1]


def test_equal_findings_have_fingerprints_of_their_own() -> None:
    problems = [Problem("rule", "message", Where("net.yaml", line)) for line in (1, 2, 3)]
    assert len(set(fingerprints(problems))) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_name_that_is_no_utf8(folder: Path, name: str) -> None:
    Path(os.fsdecode(b"n\xe9t.yaml")).write_text(FOUND)
    results = checked(os.fsdecode(b"n\xe9t.yaml"))
    text = written(name, results)
    text.encode("utf-8")
    told = {"sarif": "n%E9t.yaml", "gitlab": "n\\ufffdt", "json": "n\\ufffdt"}
    assert "expectation" in text
    assert told.get(name, "n") in text


@pytest.mark.parametrize("name", ["sarif", "gitlab", "json", "junit"])
def test_a_report_does_not_depend_on_the_encoding_of_the_pipe(folder: Path, name: str) -> None:
    (folder / "net.yaml").write_text("input: [3]\nlayers: [relu]\nexpect: {'漢字': 1}\n", encoding="utf-8")
    done = finished(command("check", "net.yaml", "--format", name), PYTHONIOENCODING="latin-1")
    assert done.returncode == 1, done.stderr
    text = done.stdout.decode("utf-8")
    whole = ElementTree.tostring(ElementTree.fromstring(text), "unicode") if name == "junit" else str(json.loads(text))  # noqa: S314
    assert "漢字" in whole


# -- text ------------------------------------------------------------------------------------------------------------


def test_rules_are_counted_where_there_are_many() -> None:
    def text(count: int) -> str:
        problems = [Problem(("few", "many")[n > 1], "message", Where("a.yaml", n + 1)) for n in range(count)]
        return written("text", Results([FileResult("a.yaml", problems, {})]))

    assert text(10).endswith("message\n\n1 file, 0 networks: 10 errors\n")
    assert text(11).endswith("message\n\n9 many\n2 few\n\n1 file, 0 networks: 11 errors\n")


def test_nothing_found_is_one_line(folder: Path) -> None:
    fill(folder)
    assert written("text", checked("fine.yaml")) == "1 file, 1 network: no problems\n"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_terminal_breaks_sentences_between_words_and_nothing_else(folder: Path, width: int) -> None:
    fill(folder)
    for problem in checked().problems:
        problem.excerpt = ""
        wide, narrow = render_problem(problem), render_problem(problem, width=width)
        assert " ".join(narrow.split()) == " ".join(wide.split())
        assert all(len(line) <= width or len(line.split()) <= 2 for line in narrow.splitlines()[1:])


def test_no_character_of_a_name_moves_the_cursor() -> None:
    problem = Problem("rule", "it is \033[31mred\r\n", Where("a\nb\x9b.yaml", 1, 1), excerpt="x: \033[0m\x07")
    text = render_problem(problem)
    assert text == ("a\\nb\\x9b.yaml:1:1: error[rule] it is \\x1b[31mred\\r\\n\n   1 | x: \ufffd[0m\ufffd\n     | ^\n")
