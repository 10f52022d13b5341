"""The severity of findings, and which of them make `check` fail."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.workspace import Workspace

WARNING = "input: [3, 15, 15]\nlayers:\n  - max_pool2d: {kernel_size: 2}\n"
ERROR = WARNING + "expect: {params: 7}\n"
BROKEN = "input: [3]\nlayers: [rleu]\n"
FINE = "input: [3]\nlayers: [relu]\n"

# The spec, then the exit code without an option, and for error, warning and never.
CODES = [(FINE, 0, 0, 0, 0), (WARNING, 1, 0, 1, 0), (ERROR, 1, 1, 1, 0), (BROKEN, 2, 2, 2, 2)]


@pytest.mark.parametrize(("text", "usual", "on_error", "on_warning", "never"), CODES)
@pytest.mark.parametrize("format", ["text", "github", "gitlab", "sarif", "junit", "json"])
def test_what_fails(
    text: str, usual: int, on_error: int, on_warning: int, never: int, format: str, workspace: Workspace
) -> None:
    workspace.write(net=text)
    assert workspace.check("-f", format)[0] == usual
    for value, code in (("error", on_error), ("warning", on_warning), ("never", never)):
        assert workspace.check("-f", format, "--fail-on", value)[0] == code
        workspace.write({".convcalc.yaml": f"fail-on: {value}\n"})
        assert workspace.check("-f", format)[0] == code
        assert workspace.check("-f", format, "--fail-on", "warning")[0] == on_warning, "the command line is over it"
        workspace.write({".convcalc.yaml": ""})


def test_a_wrong_word(workspace: Workspace) -> None:
    workspace.write(net=FINE)
    code, out = workspace.check("--fail-on", "errors")
    assert code == 2
    assert "'error', 'warning', 'never'" in out


SEVERITY = "severity: {dropped-rows: error}\n"


def test_every_format_shows_the_severity(workspace: Workspace) -> None:
    workspace.write(net=WARNING)
    shown = {}
    for name, text in (("warning", ""), ("error", SEVERITY)):
        workspace.write({".convcalc.yaml": text})
        for format in ("text", "github", "gitlab", "sarif", "junit", "json"):
            code, shown[name, format] = workspace.check("-f", format)
            assert code == 1, "a network that was built is not broken"
    for name, other in (("warning", "minor"), ("error", "major")):
        assert f"{name}[dropped-rows]" in shown[name, "text"]
        assert f"1 {name}\n" in shown[name, "text"]
        assert shown[name, "github"].startswith(f"::{name} file=net.yaml")
        assert [each["severity"] for each in json.loads(shown[name, "gitlab"])] == [other]
        assert [each["level"] for each in json.loads(shown[name, "sarif"])["runs"][0]["results"]] == [name]
        assert [each["severity"] for each in json.loads(shown[name, "json"])["problems"]] == [name]
        (failure,) = ElementTree.fromstring(shown[name, "junit"]).iter("failure")  # noqa: S314 - our own
        assert failure.get("type") == name


def test_a_test_of_junit_fails_where_the_run_does(workspace: Workspace) -> None:
    workspace.write(net=WARNING + "expect: {params: 7}\n")
    for value, failures in (("error", "1"), ("warning", "2"), ("never", "0")):
        root = ElementTree.fromstring(workspace.check("-f", "junit", "--fail-on", value)[1])  # noqa: S314 - our own
        assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", failures, "0")
        assert len(list(root.iter("failure"))) == int(failures)
        texts = [each.text or "" for each in [*root.iter("failure"), *root.iter("system-out")]]
        assert sum("dropped-rows" in text for text in texts) == sum("expected 7" in text for text in texts) == 1


def test_a_rule_that_is_off(workspace: Workspace) -> None:
    workspace.write(net=WARNING + "  - relu  # convcalc: ignore[no-effect]\n")
    assert workspace.check()[1].count("warning[") == 2
    workspace.write({".convcalc.yaml": "severity: {dropped-rows: off, unused-ignore: off}\n"})
    assert workspace.check() == (0, "1 file, 1 network: no problems\n")
    assert workspace.check("--select", "dropped-rows")[1].count("warning[") == 1, "the command line is over it"


def test_a_fix_may_uncover_a_finding_that_is_an_error(workspace: Workspace) -> None:
    workspace.write(net="input: [3, 8, 8]\nlayers:\n  - relu\n  - relu\n  - relu\n  - flatten\n")
    workspace.write({".convcalc.yaml": "severity: {repeated-activation: error}\n"})
    assert workspace.check("--fix")[0] == 0
    assert (workspace / "net.yaml").read_text().count("relu") == 1


# -- quiet -----------------------------------------------------------------------------------------------------------


def test_quiet(workspace: Workspace) -> None:
    workspace.write(net=FINE)
    assert workspace.check("-q") == (0, "")
    assert workspace.check("-q", "--update-lock") == (0, "")
    assert workspace.check("-q", "-f", "github") == (0, "")
    workspace.write(net=WARNING)
    code, out = workspace.check("--quiet")
    assert (code, out.startswith("net.yaml:3:"), out.count("\n"), "network" in out) == (1, True, 4, False)
    assert json.loads(workspace.check("-q", "-f", "json")[1])["summary"]["warnings"] == 1, "a report is whole"
    workspace.write(net=WARNING.replace("15", "16") + "  - relu\n  - relu\n  - flatten\n")
    assert workspace.check("-q", "--fix") == (0, "")
    assert workspace.check("-q", "-v")[0] == 2


def test_without_a_spec(workspace: Workspace) -> None:
    assert workspace.check("-q") == (0, "")
    assert "no spec was found" in workspace.check()[1]


def test_without_a_path_the_working_directory_is_checked(workspace: Workspace) -> None:
    workspace.write(net=FINE, below__net=WARNING)
    assert workspace.check() == workspace.check(".") != workspace.check("net.yaml")
    workspace.enter("below")
    assert workspace.check()[1].startswith("net.yaml:3:")


def test_the_short_options(workspace: Workspace) -> None:
    workspace.write(net=WARNING)
    assert workspace.check("-o", "out.json")[0] == 1
    assert workspace.check("-f", "json")[1] == (workspace / "out.json").read_text()
