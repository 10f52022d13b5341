"""`convcalc check --fix` and `--diff`: what they make of a file, and what they leave alone."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convcalc import shipped
from convcalc.checking.check_source import check_source
from convcalc.checking.fixing import FixResult, fix_text
from convcalc.checking.settings import Settings
from convcalc.cli import fixing
from convcalc.cli.main import run
from convcalc.lint import rules
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.manual.pages import Manual
from convcalc.text.document import Document
from convcalc.text.edits import RemoveKey, SetValue
from convcalc.text.source import Source
from tests.workspace import Workspace

TABLES = Path(__file__).parents[1] / "data" / "rules"
RULES = ("bias-before-norm", "repeated-activation")
BEFORE = dedent("""\
    input: [3, 8, 8]   # an image
    layers:
      - conv2d: {out_channels: 4, kernel_size: 3}   # stem
      - batch_norm2d
      - relu
    """)
AFTER = BEFORE.replace("kernel_size: 3}", "kernel_size: 3, bias: false}")


def fixed(text: str, chosen: tuple[str, ...] = RULES) -> FixResult:
    return fix_text(text, lambda text: Source("spec.yaml", text), Settings(chosen))


def entries(*lines: str) -> str:
    return "input: [3, 8, 8]\nlayers:\n" + "".join(f"  {line}\n" for line in lines)


CASES: dict[str, tuple[str, str]] = {
    "a key in braces": (BEFORE, AFTER),
    "a key that stands there": (
        entries("- conv2d: {out_channels: 4, bias: true, kernel_size: 3}", "- batch_norm2d"),
        entries("- conv2d: {out_channels: 4, bias: false, kernel_size: 3}", "- batch_norm2d")),
    "a key on a line": (
        entries("- conv2d:", "    out_channels: 4", "    kernel_size: 3", "- batch_norm2d"),
        entries("- conv2d:", "    out_channels: 4", "    kernel_size: 3", "    bias: false", "- batch_norm2d")),
    "an entry that goes, with its comment": (
        entries("- relu", "# once more", "- relu  # really", "- elu"), entries("- relu", "- elu")),
    "what a fix uncovers": (
        entries("- relu", "- relu", "- relu", "- max_pool2d: {kernel_size: 2}"),
        entries("- relu", "- max_pool2d: {kernel_size: 2}")),
    "an entry in brackets": (
        entries("- parallel: {branches: [[relu, relu], []]}"), entries("- parallel: {branches: [[relu], []]}")),
    "a block's entry, for all its copies": (
        dedent("""\
            input: [3, 8, 8]
            blocks:
              unit: {params: {c: 4}, layers: [conv2d: {out_channels: =c, kernel_size: 1}, batch_norm2d]}
            layers: [unit, unit: {c: 8, repeat: 2}]
            """),
        dedent("""\
            input: [3, 8, 8]
            blocks:
              unit: {params: {c: 4}, layers: [conv2d: {out_channels: =c, kernel_size: 1, bias: false}, batch_norm2d]}
            layers: [unit, unit: {c: 8, repeat: 2}]
            """)),
    "an entry that an alias repeats": (
        entries("- &c {conv2d: {out_channels: 3, kernel_size: 1}}", "- batch_norm2d", "- *c", "- batch_norm2d"),
        entries("- &c {conv2d: {out_channels: 3, kernel_size: 1, bias: false}}", "- batch_norm2d", "- *c",
                "- batch_norm2d")),
    "an entry that an alias repeats where it needs its bias": (
        entries("- &c {conv2d: {out_channels: 3, kernel_size: 1}}", "- batch_norm2d", "- *c", "- relu"),
        entries("- &c {conv2d: {out_channels: 3, kernel_size: 1}}", "- batch_norm2d", "- *c", "- relu")),
    "an expectation that failed before and fails after": (
        BEFORE + "expect: {params: 1}\n", AFTER + "expect: {params: 1}\n"),
    "an expectation that holds only after": (BEFORE + "expect: {params: 116}\n", AFTER + "expect: {params: 116}\n"),
    "what a comment lets pass": (
        BEFORE.replace("# stem", "# convcalc: ignore[bias-before-norm] as published"),
        BEFORE.replace("# stem", "# convcalc: ignore[bias-before-norm] as published")),
    "a file with an error": (BEFORE + "  - unknown\n", BEFORE + "  - unknown\n"),
    "no YAML": ("input: [\n", "input: [\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_fixed(name: str) -> None:
    before, after = CASES[name]
    result = fixed(before)
    assert result.text == after
    assert (result.count > 0) == (before != after)
    assert fixed(after).text == after


def test_a_fix_for_some_copies_alone_is_not_made() -> None:
    text = dedent("""\
        input: [3, 8, 8]
        params: {norm: batch_norm2d}
        variants: {bare: {params: {norm: identity}}}
        layers: [conv2d: {out_channels: 4, kernel_size: 3}, =norm]
        """)
    result = fixed(text)
    assert (result.text, result.count) == (text, 0)
    assert [problem.rule for problem in result.checked.problems] == ["bias-before-norm"]


def test_a_fix_that_breaks_an_expectation_is_not_made_and_says_so() -> None:
    text = BEFORE + "expect: {params: 120}\n"
    text = text.replace("- relu", "- relu\n  - relu\n  - max_pool2d: {kernel_size: 2}")
    result = fixed(text)
    assert result.text == text.replace("- relu\n  - relu", "- relu")
    assert result.count == 1
    [problem] = result.checked.problems
    assert problem.trail == ("not fixed: after this fix params is 116, expected 120 (-4)",)


def test_a_name_that_others_read_stays() -> None:
    text = entries("- relu", "- relu: {name: second}", "- conv2d: {from: second, out_channels: 1, kernel_size: 1}")
    assert fixed(text).text == text


# -- the proof: rules that offer what they should not ----------------------------------------------------------------


@pytest.fixture
def wrong_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A rule that finds every convolution and offers the fix that a test puts into the dictionary."""
    offer: dict[str, Any] = {}

    def check(network: Network) -> Iterator[Finding]:
        for row in network.rows:
            if row.type in offer["types"] and not row.name.startswith("fixed"):
                yield Finding(row, "wrong", keys=offer.get("keys"), remove=offer.get("remove", False))

    module = ModuleType("convcalc.lint.rules.wrong_rule", "Wrong.")
    module.check = check  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(rules.RULES, "wrong-rule", True)
    yield offer
    rules.find.cache_clear()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"types": ["conv2d"], "keys": {"out_channels": 5}}, "after this fix add cannot join"),
    ({"types": ["conv2d"], "keys": {"dilation": 2, "padding": 2}}, "shape, cost or receptive field of conv2d_1"),
    ({"types": ["conv2d"], "keys": {"groups": 2}}, "after this fix"),
    ({"types": ["conv2d"], "remove": True}, "conv2d_1 has parameters or changes"),
    ({"types": ["max_pool2d"], "remove": True}, "max_pool2d_1 has parameters or"),
    ({"types": ["batch_norm2d"], "keys": {"affine": True}}, "the parameters of batch_norm2d_1"),
    ({"types": ["relu"], "keys": {"name": "other"}}, "after this fix"),
    ({"types": ["relu"], "keys": {"from": "input"}}, "what relu_1 reads"),
    ({"types": ["add"], "remove": True}, "has parameters or changes what it reads"),
]


@pytest.mark.parametrize(("offer", "reason"), WRONG)
def test_a_fix_that_does_more_is_not_made(offer: dict[str, Any], reason: str, wrong_rule: dict[str, Any]) -> None:
    wrong_rule.update(offer)
    text = entries(
        "- conv2d: {out_channels: 3, kernel_size: 3, padding: 1}", "- batch_norm2d: {affine: false}", "- relu",
        "- add: {from: [relu_1, input]}", "- max_pool2d: {kernel_size: 3, stride: 1, padding: 1}",
    )  # fmt: skip
    result = fixed(text, ("wrong-rule",))
    assert (result.text, result.count) == (text, 0)
    [problem] = result.checked.problems
    assert reason in problem.trail[-1]


def test_right_fixes_are_made_beside_wrong_ones(wrong_rule: dict[str, Any]) -> None:
    """One of many that cannot be made does not keep the others back."""
    wrong_rule.update({"types": ["conv2d"], "keys": {"padding": 0, "name": "fixed"}})
    lines = [f"- conv2d: {{out_channels: 3, kernel_size: 1, padding: {int(number == 5)}}}" for number in range(9)]
    text = "input: [3, 8, 8]\nlayers:\n  - sequential:\n      layers:\n" + "".join(
        f"        {line}\n" for line in lines
    )
    result = fixed(text, ("wrong-rule",))
    # One of them may be called so, and the one whose padding matters is not it.
    assert result.text.count("name: fixed") == result.count == 1
    assert result.text.count("padding: 1") == 1
    assert "padding: 1, name" not in result.text


# -- over the rules --------------------------------------------------------------------------------------------------


def examples() -> list[Any]:
    """The failing example of each rule's page, and the cases of the tables."""
    found = [pytest.param(rule, Manual(rule, rules.find(rule).page).sections["Fails"], id=rule) for rule in rules.RULES]
    for path in sorted(TABLES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(pytest.param(path.stem, case["spec"].replace("§", ""), id=f"{path.stem}: {case['name']}"))
    return found


@pytest.mark.parametrize(("rule", "text"), examples())
def test_the_fixes_of_every_rule_are_made(rule: str, text: str) -> None:
    before = check_source(Source("spec.yaml", text), Settings((rule,)))
    result = fixed(text, (rule,))
    wanted = [problem for problem in before.problems if problem.fix]
    assert (result.count > 0) == bool(wanted)
    assert [str(problem.trail) for problem in result.checked.problems if problem.fix] == []
    assert list(result.checked.targets) == list(before.targets)


# -- over the shipped specs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["resnet", "resnet_v1", "mobilenet_v2", "shufflenet_v2", "darknet53", "fcn"])
def test_a_spec_that_lost_what_the_fix_writes_gets_it_back(name: str) -> None:
    """Without its `bias: false` the expectations of the spec fail; the fix mends them all."""
    path = shipped.files()[name]
    text = Path(path).read_text(encoding="utf-8")
    before = Document(text)
    places = [place for place, node in before.root.walk() if place[-1:] == ("bias",) and node.value is False]
    damaged = before
    for place in places:
        damaged = RemoveKey(place).apply(damaged)
    assert places
    result = fix_text(damaged.text, lambda text: Source(name, text, path), Settings(("bias-before-norm",)))
    assert result.count > 0
    assert not [problem for problem in result.checked.problems if problem.rule == "expectation"]
    assert Document(result.text).value() == before.value()


TEXTS = [Path(path).read_text(encoding="utf-8") for path in shipped.files().values()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(TEXTS), st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.randoms(use_true_random=False)
)
def test_changed_specs(text: str, numbers: list[int], random: Any) -> None:
    """Lines of a spec that go, come twice or change places: what is fixed still says the same."""
    lines = text.splitlines(keepends=True)
    for number in numbers:
        line = lines.pop(number % len(lines))
        for _ in range(number % 3):
            lines.insert(random.randrange(len(lines) + 1), line)
    text = "".join(lines)
    before = check_source(Source("spec.yaml", text), Settings(tuple(rules.RULES)))
    result = fixed(text, tuple(rules.RULES))
    assert (result.text == text) == (result.count == 0)
    if result.count:
        for old, new in zip(before.targets.values(), result.checked.targets.values(), strict=True):
            assert (old["macs"], old["receptive_field"]) == (new["macs"], new["receptive_field"])


CONVOLUTION = "conv2d: {out_channels: 4, kernel_size: 1}"
PARTS = (
    CONVOLUTION, "conv2d: {out_channels: 4, kernel_size: 1, bias: true}", "batch_norm2d", "instance_norm2d", "relu",
    "relu: {}", "relu: {name: kept}", "sigmoid", "identity", "dropout", "residual: {layers: [relu, relu]}",
    f"sequential: {{repeat: 2, layers: [relu, {CONVOLUTION}, batch_norm2d]}}", "add: {from: [previous, input]}",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=8))
def test_random_networks(parts: list[str]) -> None:
    """After the fixes nothing is left to fix, and no figure but the parameters differs."""
    text = "input: [4, 8, 8]\nlayers:\n" + "".join(f"  - {part}\n" for part in parts)
    before = check_source(Source("spec.yaml", text), Settings(RULES))
    result = fixed(text)
    if before.is_broken:
        assert result.text == text
        return
    assert not [problem for problem in result.checked.problems if problem.fix and "not fixed" not in str(problem.trail)]
    [(old, new)] = zip(before.targets.values(), result.checked.targets.values())
    assert (old["macs"], old["receptive_field"]) == (new["macs"], new["receptive_field"])
    assert new["params"] <= old["params"]


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    workspace.write(net=BEFORE)
    return workspace.path


def test_fix_writes_the_file_and_tells_what_remains(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fine.yaml").write_text(AFTER)
    assert run(["check", ".", "--fix"]) == 0
    captured = capsys.readouterr()
    assert (folder / "net.yaml").read_text() == AFTER
    assert captured.out == "2 files, 2 networks: no problems\n"
    assert captured.err == "fixed 1 problem in 1 file\n"
    assert run(["check", ".", "--fix"]) == 0
    assert capsys.readouterr().err == "fixed 0 problems in 0 files\n"


def test_diff_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "net.yaml", "--diff"]) == 1
    captured = capsys.readouterr()
    assert captured.out == dedent("""\
        --- net.yaml
        +++ net.yaml
        @@ -1,5 +1,5 @@
         input: [3, 8, 8]   # an image
         layers:
        -  - conv2d: {out_channels: 4, kernel_size: 3}   # stem
        +  - conv2d: {out_channels: 4, kernel_size: 3, bias: false}   # stem
           - batch_norm2d
           - relu
        """)
    assert captured.err == "would fix 1 problem in 1 file\n"
    assert (folder / "net.yaml").read_text() == BEFORE
    (folder / "net.yaml").write_text(AFTER)
    assert run(["check", "net.yaml", "--diff"]) == 0
    (folder / "net.yaml").write_text("input: [\n")
    assert run(["check", "net.yaml", "--diff"]) == 2


def test_diff_is_coloured_on_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(["check", "net.yaml", "--diff"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:7] for line in lines if "conv2d" in line] == ["\033[1;31m", "\033[1;32m"]


def test_the_bytes_around_a_fix_are_kept(folder: Path) -> None:
    before = b"\xef\xbb\xbf" + BEFORE.rstrip("\n").replace("\n", "\r\n").encode()
    path = folder / "net.yaml"
    path.write_bytes(before)
    run(["check", "net.yaml", "--fix"])
    assert path.read_bytes() == before.replace(b"kernel_size: 3}", b"kernel_size: 3, bias: false}")


def test_permissions_and_links_are_kept(folder: Path) -> None:
    path = folder / "net.yaml"
    path.chmod(0o640)
    (folder / "below").mkdir()
    link = folder / "below" / "link.yaml"
    link.symlink_to(path)
    run(["check", "below/link.yaml", "--fix"])
    assert link.is_symlink()
    assert path.read_text() == AFTER
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(os.listdir(folder)) == ["below", "net.yaml"]


def test_a_file_that_changes_meanwhile_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def slowly(*given: Any) -> FixResult:
        result = fix_text(*given)
        (folder / "net.yaml").write_text(BEFORE + "# edited\n")
        return result

    monkeypatch.setattr(fixing, "FIX", fixing.FIX._replace(rewrite=slowly))
    assert run(["check", "net.yaml", "--fix"]) == 1
    captured = capsys.readouterr()
    assert (folder / "net.yaml").read_text() == BEFORE + "# edited\n"
    assert "net.yaml changed during the check, and is not fixed" in captured.err
    assert "fixed 0 problems in 0 files" in captured.err
    assert "bias-before-norm" in captured.out


def test_a_shipped_spec_of_the_installed_package_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "__file__", str(folder / "convcalc" / "shipped.py"))
    specs = folder / "convcalc" / "specs"
    specs.mkdir(parents=True)
    (specs / "net.yaml").write_text(BEFORE)
    assert run(["check", "convcalc/specs/net.yaml", "net.yaml", "--fix"]) == 1
    assert "convcalc/specs/net.yaml is shipped with convcalc and is not changed" in capsys.readouterr().err
    assert (specs / "net.yaml").read_text() == BEFORE
    assert (folder / "net.yaml").read_text() == AFTER


def test_a_file_that_cannot_be_written_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fixing, "replace_file", refuse)
    assert run(["check", "net.yaml", "--fix"]) == 2
    assert "net.yaml cannot be written: Permission denied" in capsys.readouterr().err
    assert (folder / "net.yaml").read_text() == BEFORE


def test_standard_input_is_fixed_to_standard_output(workspace: Workspace, folder: Path) -> None:
    call = workspace.call("check", "-", "--fix", data=BEFORE)
    assert call == (0, AFTER, "1 file, 1 network: no problems\nfixed 1 problem in 1 file\n")
    call = workspace.call("check", "-", "--diff", data=BEFORE)
    assert call.code == 1
    assert call.out.startswith("--- <stdin>\n+++ <stdin>\n")
    assert workspace.call("check", "-", "net.yaml", "--fix").code == 2
    assert (folder / "net.yaml").read_text() == BEFORE


def test_files_of_many_fixes(folder: Path) -> None:
    """All fixes of a file are made and proved at once, not one after another."""
    layers = "  - conv2d: {out_channels: 4, kernel_size: 1}\n  - batch_norm2d\n" * 200
    (folder / "net.yaml").write_text(f"input: [4, 8, 8]\nlayers:\n{layers}")
    assert run(["check", "net.yaml", "--fix"]) == 0
    value = Document((folder / "net.yaml").read_text()).value(("layers",))
    assert isinstance(value, list)
    assert sum("bias: false" in line for line in (folder / "net.yaml").read_text().splitlines()) == 200
    assert SetValue(("layers", 0, "conv2d", "bias"), True).apply(Document((folder / "net.yaml").read_text()))
