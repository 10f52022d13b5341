"""`convcalc check --accept`: what is found today is written down, so that only new findings fail."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convcalc import shipped
from convcalc.checking.accepted import AcceptedFile
from convcalc.checking.check_source import check_source
from convcalc.checking.comments import accept_text
from convcalc.checking.fixing import FixResult
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError
from convcalc.lint.rules import RULES
from convcalc.text.document import Document
from convcalc.text.source import Source
from tests.foreign import DIGITS
from tests.workspace import Workspace

TABLES = Path(__file__).parents[1] / "data" / "rules"
NET = dedent("""\
    input: [3, 15, 15]   # an image
    params: {w: 3}
    layers:
      - conv2d: {name: stem, out_channels: 4, kernel_size: 1}   # stem
      - batch_norm2d
      - max_pool2d: {name: pool,
          kernel_size: 2}
    """)
COMMENTED = dedent("""\
    input: [3, 15, 15]   # an image
    params: {w: 3}  # convcalc: ignore[unused-param]
    layers:
      - conv2d: {name: stem, out_channels: 4, kernel_size: 1}   # stem  # convcalc: ignore[bias-before-norm]
      - batch_norm2d
      - max_pool2d: {name: pool,
          kernel_size: 2}  # convcalc: ignore[dropped-rows]
    """)


def accepted(text: str) -> FixResult:
    return accept_text(text, lambda text: Source("spec.yaml", text), Settings(tuple(RULES)))


# -- comments --------------------------------------------------------------------------------------------------------


def test_comments_are_written(workspace: Workspace) -> None:
    workspace.write(net=NET, below__net=NET)
    code, out, error = workspace.call("check", "--accept", "--diff")
    assert (code, error) == (1, "would accept 6 problems in 2 files\n")
    assert out.count("\n+  - conv2d: {name: stem") == 2
    assert (workspace / "net.yaml").read_text() == NET
    code, out, error = workspace.call("check", "--accept")
    assert (code, out, error) == (0, "2 files, 2 networks: no problems\n", "accepted 6 problems in 2 files\n")
    assert (workspace / "net.yaml").read_text() == (workspace / "below/net.yaml").read_text() == COMMENTED
    assert workspace.check("--accept", "--diff") == (0, "would accept 0 problems in 0 files\n")
    workspace.write(net=COMMENTED + "  - relu\n  - relu\n")
    code, out = workspace.check()
    assert code == 1, "a new finding fails"
    assert re.findall(r"warning\[([\w-]+)\]", out) == ["repeated-activation"]


# The text, and the text with comments: only the rules of the default set.
CASES = {
    "a comment that is there gets the rule": (
        "input: [3, 15, 15]\nlayers:\n  - max_pool2d: {kernel_size: 2}  # convcalc: ignore[no-effect] why  \n",
        "input: [3, 15, 15]\nlayers:\n  - max_pool2d: {kernel_size: 2}"
        "  # convcalc: ignore[no-effect, dropped-rows] why  \n"),
    "spaces at the end, and no line end": (
        "input: [3, 15, 15]\nlayers:\n  - max_pool2d: {kernel_size: 2}   ",
        "input: [3, 15, 15]\nlayers:\n  - max_pool2d: {kernel_size: 2}  # convcalc: ignore[dropped-rows]"),
    "two rules on a line": (
        "input: [3, 15, 15]\nlayers: [conv2d: {out_channels: 4, kernel_size: 4, stride: 4}, batch_norm2d]",
        "input: [3, 15, 15]\nlayers: [conv2d: {out_channels: 4, kernel_size: 4, stride: 4}, batch_norm2d]"
        "  # convcalc: ignore[bias-before-norm, dropped-rows]"),
    "windows and a byte order mark": (
        "\ufeffinput: [3, 15, 15]\r\nlayers:\r\n  - max_pool2d: {kernel_size: 2}\r\n",
        "\ufeffinput: [3, 15, 15]\r\nlayers:\r\n  - max_pool2d: {kernel_size: 2}"
        "  # convcalc: ignore[dropped-rows]\r\n"),
    "a comment on the line above stays": (
        "input: [3, 15, 15]\nlayers:\n  # convcalc: ignore[no-effect]\n  - max_pool2d: {kernel_size: 2}\n",
        "input: [3, 15, 15]\nlayers:\n  # convcalc: ignore[no-effect]\n  - max_pool2d: {kernel_size: 2}"
        "  # convcalc: ignore[dropped-rows]\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_written(name: str) -> None:
    before, after = CASES[name]
    result = accepted(before)
    assert result.text == after
    assert [each.rule for each in result.checked.problems if each.rule != "unused-ignore"] == []


def test_a_line_that_can_have_no_comment() -> None:
    """It ends inside of a text of two lines; the other findings get their comments."""
    text = (
        "input: [3, 15, 15]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 1}\n  - batch_norm2d\n"
        '  - max_pool2d: {kernel_size: 2, stride: "=1 +\n      1"}\n'
    )
    result = accepted(text)
    assert result.text == text.replace("kernel_size: 1}", "kernel_size: 1}  # convcalc: ignore[bias-before-norm]")
    (left,) = result.checked.problems
    assert (left.rule, left.trail[-1]) == ("dropped-rows", "not accepted: no comment can be written on this line")
    assert result.count == 1


def test_errors_are_not_accepted(workspace: Workspace) -> None:
    workspace.write(net=NET + "expect: {params: 1}\n", broken="input: [3]\nlayers: [rleu]\n")
    code, out = workspace.check("--accept", "--max-macs", "1")
    assert code == 2
    assert sorted(re.findall(r"error\[([\w-]+)\]", out)) == ["budget", "expectation", "unknown-type"]
    assert "warning[" not in out
    assert (workspace / "broken.yaml").read_text() == "input: [3]\nlayers: [rleu]\n"


def test_a_finding_in_an_included_file(workspace: Workspace) -> None:
    block = "blocks:\n  unit:\n    layers:\n      - conv2d: {out_channels: 4, kernel_size: 1}\n      - batch_norm2d\n"
    workspace.write(net="include: lib.yaml\ninput: [3, 8, 8]\nlayers: [unit]\n", lib=block + "params: {}\n")
    code, out = workspace.check("net.yaml", "--accept")
    assert code == 1
    assert "included file; write `# convcalc: ignore[bias-before-norm]` on this line\n" in out
    assert "accepted 0 problems in 0 files" in out
    assert workspace.check("net.yaml", "--accept", "--accepted", "known.yaml")[0] == 0
    assert workspace.check("net.yaml", "--accepted", "known.yaml")[0] == 0


def test_standard_input(workspace: Workspace) -> None:
    call = workspace.call("check", "-", "--accept", data=NET)
    assert (call.code, call.out) == (0, COMMENTED)
    assert workspace.call("check", "-", "--accept", "--accepted", "known.yaml", data=NET).code == 2


@pytest.mark.parametrize("options", [("--fix", "--accept"), ("--accept", "--diff", "--locked")])
def test_options_that_contradict_each_other(options: tuple[str, ...], workspace: Workspace) -> None:
    workspace.write(net=NET)
    workspace.check("--update-lock")
    assert workspace.check(*options)[0] == 2
    assert (workspace / "net.yaml").read_text() == NET


def texts() -> list[str]:
    tables = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(TABLES.glob("*.yaml"))]
    return [case["spec"].replace("§", "") for table in tables for case in table]


@pytest.mark.parametrize("text", texts())
def test_every_rule_is_accepted(text: str) -> None:
    """After it nothing is found, and the values are the same."""
    result = accepted(text)
    assert [str(problem) for problem in result.checked.problems] == []
    assert Document(result.text).value() == Document(text).value()
    assert accepted(result.text).text == result.text


TEXTS = [Path(path).read_text(encoding="utf-8") for path in shipped.files().values()]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TEXTS), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_changed_specs(text: str, numbers: list[int]) -> None:
    lines = text.splitlines(keepends=True)
    for number in numbers:
        lines.insert(number % len(lines), lines[number * 7 % len(lines)])
    text = "".join(lines)
    result = accepted(text)
    if check_source(Source("spec.yaml", text), Settings(tuple(RULES))).is_broken:
        assert result.text == text
    else:
        assert not [problem for problem in result.checked.problems if problem.rule in RULES and not problem.trail]
        assert Document(result.text).value() == Document(text).value()


# -- a file ----------------------------------------------------------------------------------------------------------

ALL = "2 files, 2 networks: no problems, 6 accepted\n"


@pytest.fixture
def known(workspace: Workspace) -> Workspace:
    """Two specs with accepted findings; the configuration names the file."""
    workspace.write(net=NET, below__net=NET)
    workspace.write({".convcalc.yaml": "accepted: known.yaml\n"})
    workspace.check("--accept")
    return workspace


def test_a_file_is_written(workspace: Workspace) -> None:
    workspace.write(net=NET, below__net=NET)
    code, out, error = workspace.call("check", "--accept", "--accepted", "known.yaml", "--diff")
    assert (code, error) == (1, "known.yaml: 6 added, 0 removed, 6 in all\n")
    assert out.startswith("--- known.yaml\n+++ known.yaml\n")
    assert not (workspace / "known.yaml").exists()
    call = workspace.call("check", "--accept", "--accepted", "known.yaml")
    assert call == (0, ALL, "known.yaml: 6 added, 0 removed, 6 in all\n")
    assert (workspace / "net.yaml").read_text() == NET
    text = (workspace / "known.yaml").read_text()
    assert yaml.safe_load(text) == {
        "accepted": 1,
        "files": {
            name: {"bias-before-norm": ["stem"], "dropped-rows": ["pool"], "unused-param": ["w"]}
            for name in ("below/net.yaml", "net.yaml")
        },
    }
    assert workspace.check()[0] == 1
    assert workspace.check("--accepted", "known.yaml") == (0, ALL)
    assert workspace.check("-q", "--accept", "--accepted", "known.yaml") == (0, "")
    assert (workspace / "known.yaml").read_text() == text


def test_the_page_shows_the_file(workspace: Workspace) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "check.md").read_text(encoding="utf-8")
    (spec,) = re.findall(r"^```yaml\n(# old\.yaml.*?)^```$", page, re.M | re.S)
    (shown,) = re.findall(r"^```yml\n# accepted\.yaml\n(.*?)^```$", page, re.M | re.S)
    workspace.write(old=spec)
    workspace.check("old.yaml", "--accept", "--accepted", "accepted.yaml")
    written = (workspace / "accepted.yaml").read_text()
    assert written == "".join(line for line in written.splitlines(True) if line.startswith("#")) + shown


def test_only_new_findings_fail(known: Workspace) -> None:
    assert known.check() == (0, ALL)
    moved = NET.replace("layers:", "layers:\n  - relu").replace("{w: 3}", "\n  w: 3")
    known.write(net=moved + "  - relu\n  - relu\n")
    code, out = known.check()
    assert code == 1
    assert re.findall(r"warning\[([\w-]+)\]", out) == ["repeated-activation"]
    assert out.endswith("1 warning, 6 accepted, 1 fixable with --fix\n") or "6 accepted" in out
    known.enter("below")
    assert known.check("net.yaml", "../net.yaml")[1].count("warning[") == 1, "paths are from the file"


def test_side_by_side(known: Workspace) -> None:
    for number in range(4):
        known.write({f"more{number}.yaml": NET})
    known.check("--accept")
    assert known.check("--jobs", "2") == known.check("--jobs", "1") == (
        0, "6 files, 6 networks: no problems, 18 accepted\n",
    )  # fmt: skip


def test_what_is_no_longer_found_is_said_and_removed(known: Workspace) -> None:
    known.write(net=NET.replace("name: stem", "name: stem, bias: false"))
    code, out = known.check()
    assert code == 1
    assert "warning[unused-accepted] bias-before-norm of stem in net.yaml is accepted, but no longer found" in out
    assert re.search(r"^known\.yaml:\d+:9: ", out, re.M)
    assert "`convcalc check --accept net.yaml` removes the entry" in out
    assert known.check("below")[0] == 0, "what is not checked may still be there"
    assert known.check("--select", "dropped-rows")[0] == 0, "the rule has not run"
    assert known.check("--accept", "net.yaml")[1].startswith("1 file, 1 network: no problems, 2 accepted\n")
    assert known.check() == (0, "2 files, 2 networks: no problems, 5 accepted\n")


def test_a_file_that_is_gone(known: Workspace) -> None:
    (known / "below/net.yaml").unlink()
    code, out = known.check()
    assert code == 1
    assert "below/net.yaml has accepted findings, but there is no such file" in out
    assert out.count("unused-accepted") == 1
    assert known.check("net.yaml")[0] == 0
    assert "3 removed" in known.check("--accept", ".")[1]
    assert known.check()[0] == 0


def test_a_broken_file_keeps_its_entries(known: Workspace) -> None:
    text = (known / "known.yaml").read_text()
    known.write(net="input: [3]\nlayers: [rleu]\n")
    code, out = known.check()
    assert (code, "unused-accepted" in out) == (2, False)
    code, out = known.check("--accept")
    assert code == 2
    assert "net.yaml is broken: its findings are not accepted" in out
    assert (known / "known.yaml").read_text() == text


def test_rules_that_did_not_run_keep_their_entries(known: Workspace) -> None:
    text = (known / "known.yaml").read_text()
    known.check("--accept", "--select", "dropped-rows")
    assert (known / "known.yaml").read_text() == text


def test_errors_and_severities(known: Workspace) -> None:
    known.write({".convcalc.yaml": "accepted: known.yaml\nseverity: {dropped-rows: error, unused-accepted: error}\n"})
    assert known.check()[0] == 0, "a lint finding is accepted, whatever its severity"
    known.write(net="input: [3, 8, 8]\nlayers: [relu]\nexpect: {params: 1}\n")
    code, out = known.check("--accept", "--max-macs", "1", "--fail-on", "error")
    assert (code, "error[expectation]" in out) == (1, True), "what is expected is not accepted"
    known.write(below__net="input: [3, 8, 8]\nlayers: [relu]\n")
    assert known.check()[1].count("error[unused-accepted]") == 3


def test_a_network_of_another_format(workspace: Workspace) -> None:
    """It has no text for comments."""
    workspace.copy(DIGITS)
    name = DIGITS.name
    options = (name, "--select", "dominant-layer", "--config", "c.yaml")
    workspace.write({"c.yaml": "options: {dominant-layer: {share: 1%}}\n"})
    before = workspace.check(*options)
    assert before[0] == 1
    code, out = workspace.check(*options, "--accept")
    assert code == 1
    assert f"{name} cannot have comments: accept its findings in a file, --accepted FILE" in out
    assert workspace.check(*options, "--accept", "--accepted", "known.yaml")[0] == 0
    assert workspace.check(*options, "--accepted", "known.yaml")[0] == 0


def test_a_fix_is_not_made_for_what_is_accepted(known: Workspace) -> None:
    assert known.check("--fix") == (0, ALL + "fixed 0 problems in 0 files\n")
    assert known.check("--diff")[0] == 0
    assert (known / "net.yaml").read_text() == NET


def test_a_file_that_is_missing(workspace: Workspace) -> None:
    workspace.write(net=NET)
    code, out = workspace.check("--accepted", "known.yaml")
    assert code == 2
    assert "there is no file known.yaml of accepted findings" in out
    assert "`convcalc check --accept` makes it" in out


# `§` stands before what the message points to.
WRONG = [
    ("§files: {}\n", "it has no `accepted: 1`"),
    ("§accepted: 2\nfiles: {}\n", "it has no `accepted: 1`"),
    ("accepted: 1\n§fils: {}\n", "there is no key `fils`"),
    ("accepted: 1\nfiles: {net.yaml: §[a]}\n", "`net.yaml` must be a mapping"),
    ("accepted: 1\nfiles: {net.yaml: {dropped-rows: §3}}\n", "must be a list of names"),
    ("accepted: 1\nfiles:\n§<<<<<<< ours\n", "a merge conflict is not resolved"),
    ("accepted: 1\nfiles: {§\n", ""),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_file_that_is_wrong(text: str, message: str, workspace: Workspace) -> None:
    workspace.write(net=NET, known=text.replace("§", ""))
    code, out = workspace.check("--accepted", "known.yaml")
    assert code == 2
    assert "error[accepted-file]" in out
    assert message in out
    line = text[: text.index("§")].count("\n") + 1
    assert message == "" or f"known.yaml:{line}:" in out


def test_an_unknown_rule_is_no_longer_found(known: Workspace) -> None:
    text = (known / "known.yaml").read_text()
    known.write({"known.yaml": text.replace("dropped-rows", "dropped-lines", 1)})
    out = known.check()[1]
    assert "dropped-lines of pool in below/net.yaml is accepted, but no longer found" in out


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLACES = NAMES.filter(lambda name: not name.startswith("="))  # spaces at the end of an expression do not count


@example({"": {"bias-before-norm": ["\ufffe\uffff"]}})
@given(st.dictionaries(NAMES, st.dictionaries(st.sampled_from(list(RULES)), st.lists(PLACES, min_size=1, unique=True),
                                              min_size=1), max_size=3))  # fmt: skip
def test_any_name_comes_back(files: dict[str, dict[str, list[str]]]) -> None:
    file = AcceptedFile("known.yaml")
    file.files = {name: dict(rules) for name, rules in files.items()}
    read = AcceptedFile("known.yaml", Source("known.yaml", file.text()))
    assert read.files == {
        name: {rule: sorted(places) for rule, places in rules.items()} for name, rules in files.items()
    }


def test_reading_raises_no_other_error() -> None:
    for text in ("", "[", "- a", "accepted: 1", "accepted: 1\nfiles: 3", "accepted: 1\nfiles: {a: {b: [[1]]}}"):
        with pytest.raises(SpecError):
            AcceptedFile("known.yaml", Source("known.yaml", text))
