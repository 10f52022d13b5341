"""A file on which convcalc itself fails: it is named, and the others are checked all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc import __version__
from convcalc.checking import fixing
from convcalc.checking.formats import FORMATS
from convcalc.checking.formats.github import job_summary
from convcalc.checking.results import FAILED, FileResult, Results
from convcalc.cli.main import run
from convcalc.lint import rules
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.problems import Problem, Where

WARNED = "input: [3, 8, 8]\nlayers:\n  - relu\n  - relu\n  - flatten\n"
BROKEN = "input: [3]\nlayers: [rleu]\n"
MESSAGE = f"this is a bug in convcalc {__version__}: ZeroDivisionError: by hand at "
# A command that does something else where a rule would look at bug.yaml; a worker imports it as well.
COMMAND = """
import os, signal
from convcalc.lint.rules import no_effect

check = no_effect.check

def check_or_not(network):
    if network.graph.source.name == "bug.yaml":
        {action}
    return check(network)

no_effect.check = check_or_not
if __name__ == "__main__":
    from convcalc.cli.main import main
    main()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a broken file, a file on which a rule fails, and a file with a finding before and after it."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "FORCE_COLOR", "CONVCALC_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", WARNED), ("broken", BROKEN), ("bug", WARNED), ("c", WARNED)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


@pytest.fixture
def failing_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A rule that fails on one file."""
    from convcalc.lint.rules import no_effect

    def check(network: Network) -> Iterator[Finding]:
        if network.graph.source.name == "bug.yaml":
            raise ZeroDivisionError("by hand")
        return iter(())

    monkeypatch.setattr(no_effect, "check", check)
    rules.find.cache_clear()
    yield
    rules.find.cache_clear()


def called(folder: Path, action: str, *arguments: str, traceback: str = "") -> tuple[int, str, str]:
    """The exit code, the output and the errors of `check` where an action takes the place of a rule."""
    script = folder / "command.py"
    script.write_text(COMMAND.format(action=action))
    environment = {**os.environ, "CONVCALC_TRACEBACK": traceback}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(script), "check", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout, done.stderr


RAISE = "raise ZeroDivisionError('by hand')"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_file_is_named_and_the_others_are_checked(folder: Path, jobs: str) -> None:
    code, out, errors = called(folder, RAISE, ".", "--jobs", jobs)
    assert (code, errors) == (3, "")
    lines = out.splitlines()
    assert f"bug.yaml: error[bug] {MESSAGE}command.py:9" in lines
    assert "a.yaml:4:5: warning[repeated-activation]" in out
    assert "broken.yaml:2:10: error[unknown-type]" in out
    assert "c.yaml:4:5: warning[repeated-activation]" in out
    assert lines[-1].startswith("4 files, 2 networks: 2 errors and 2 warnings")
    assert "Traceback" not in out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_traceback_is_shown_on_request(folder: Path, jobs: str) -> None:
    code, out, errors = called(folder, RAISE, ".", "--jobs", jobs, traceback="1")
    assert code == 3
    assert "c.yaml:4:5: warning[repeated-activation]" in out
    assert errors.startswith("Traceback (most recent call last):\n")
    assert errors.endswith("ZeroDivisionError: by hand\n")
    assert "Thread" not in errors


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.usefixtures("failing_rule")
def test_every_format_names_the_file(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", ".", "--format", name]) == FAILED == 3
    out, errors = capsys.readouterr()
    assert errors == ""
    assert f"{MESSAGE}test_crashes.py" in out
    for file in ("a.yaml", "bug.yaml", "broken.yaml", "c.yaml"):
        assert file in out
    if name == "json":
        assert json.loads(out)["summary"]["exit_code"] == 3
    if name == "sarif":
        assert json.loads(out)["runs"][0]["invocations"] == [{"executionSuccessful": False, "exitCode": 3}]
    if name == "gitlab":
        assert {each["check_name"]: each["severity"] for each in json.loads(out)}["bug"] == "critical"
    if name == "junit":
        assert '<error message="this is a bug' in out


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_fix_on_which_convcalc_fails(
    folder: Path, option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edits_of = fixing.edits_of

    def fail_once(*arguments: object) -> object:
        monkeypatch.setattr(fixing, "edits_of", edits_of)
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(fixing, "edits_of", fail_once)
    assert run(["check", "a.yaml", "c.yaml", option]) == 3
    out, errors = capsys.readouterr()
    assert "1 problem in 1 file" in errors
    assert f"a.yaml: error[bug] {MESSAGE}test_crashes.py" in (out if option == "--fix" else errors)
    if option == "--fix":
        assert (folder / "a.yaml").read_text() == WARNED
        assert (folder / "c.yaml").read_text() == WARNED.replace("  - relu\n", "", 1)


def test_a_limit_of_the_command_line_is_not_refused_because_of_a_bug(folder: Path) -> None:
    code, out, errors = called(folder, RAISE, "a.yaml", "bug.yaml", "--budget", "conv1.params <= 1")
    assert (code, errors) == (3, "")
    assert "bug.yaml: error[bug]" in out


@pytest.mark.parametrize(
    ("action", "reason"),
    [("os.kill(os.getpid(), signal.SIGKILL)", " by SIGKILL"), ("os._exit(7)", " with exit code 7")],
)
def test_the_file_of_a_process_that_ends_is_named(folder: Path, action: str, reason: str) -> None:
    code, out, errors = called(folder, action, ".", "--jobs", "2")
    assert (code, errors) == (2, "")
    assert f"bug.yaml: error[process-ended] the process that checked this file was ended{reason}\n" in out
    assert out.count("repeated-activation") == 2
    assert "broken.yaml:2:10: error[unknown-type]" in out


def test_a_call_that_is_wrong_stays_one_error(folder: Path) -> None:
    action = "from convcalc.errors import UsageError; raise UsageError('no such revision', 'name one')"
    for jobs in ("1", "2"):
        code, out, errors = called(folder, action, ".", "--jobs", jobs)
        assert (code, out, errors) == (2, "", "error: no such revision\n  help: name one\n")


def test_the_summary_of_a_job_names_it() -> None:
    problem = Problem("bug", "this is a bug", Where("bug.yaml"))
    assert "| bug.yaml | bug | this is a bug |" in "".join(job_summary(Results([FileResult("bug.yaml", [problem])])))
