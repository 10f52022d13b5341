"""The lock file of `check`: what it holds, what fails when it does not hold, and what --update-lock makes of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.errors import SpecError
from convcalc.limits.lock import VERSION, Lock, figures, label, split
from convcalc.report.figures import locked_figures
from convcalc.text.source import Source
from tests.strategies.networks import Network, networks
from tests.workspace import Workspace, needs_git

FIGURES = [figure.name for figure in locked_figures(VERSION)]
NET = """\
name: Net
params: {width: 4}
input: [3, 8, 8]
variants:
  wide: {params: {width: 8}}
layers:
  - conv2d: {name: conv, out_channels: =width, kernel_size: 3, bias: false}
  - relu
"""
# By hand: 3 * 9 weights a channel on 6x6 positions.
LOCKED = """\
  net.yaml:
    input_shape: [3, 8, 8]
    output_shape: [4, 6, 6]
    layers: 2
    params: 108
    trainable_params: 108
    buffers: 0
    params_shared: 108
    params_unshared: 3888
    params_fully_connected: 27648
    connections: 3888
    macs: 3888
    activations: 144
    peak_activation_bytes: 1344
    receptive_field: [3, 3]
"""


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """A directory with one spec that is locked."""
    workspace.write(net=NET)
    assert workspace.call("check", ".", "--update-lock").code == 0
    return workspace


def lock(workspace: Workspace) -> str:
    return (workspace / "convcalc.lock").read_text(encoding="utf-8")


def test_the_file_is_sorted_and_has_a_figure_a_line(workspace: Workspace) -> None:
    text = lock(workspace)
    assert text.startswith("# ")
    head, *targets = text.split("\n\n")
    assert head.splitlines()[-2:] == ["lock: 1", "targets:"]
    assert targets[0] + "\n" == LOCKED
    assert targets[1].startswith("  net.yaml@wide:\n    input_shape: [3, 8, 8]\n    output_shape: [8, 6, 6]\n")
    assert [line.split(":")[0].strip() for line in targets[1].splitlines()[1:]] == FIGURES


def test_what_is_locked_holds(workspace: Workspace) -> None:
    before = lock(workspace)
    assert workspace.call("check", ".", "--locked").code == 0
    told = workspace.call("check", ".", "--update-lock")
    assert (told.code, told.err) == (0, "convcalc.lock is unchanged\n")
    assert lock(workspace) == before


def test_a_change_is_found_at_its_target(workspace: Workspace) -> None:
    (workspace / "net.yaml").write_text(NET.replace("width: 8", "width: 9"))
    told = workspace.call("check", ".", "--locked")
    assert told.code == 1
    first, *rest = told.out.splitlines()
    assert first == (
        "net.yaml:5:3: error[locked] wide: differs from convcalc.lock: output_shape 8x6x6 → 9x6x6, and 7 more"
    )
    assert "  note: params 216 → 243 (+27, +12.5 %)" in rest
    assert not any("trainable_params" in line for line in rest)
    assert any("--update-lock" in line for line in rest)


def test_a_comment_lets_a_change_pass(workspace: Workspace) -> None:
    text = NET.replace("width: 8", "width: 9").replace("  wide:", "  # convcalc: ignore[locked] tried out\n  wide:")
    (workspace / "net.yaml").write_text(text)
    assert workspace.call("check", ".", "--locked").code == 0
    # Without --locked nothing is compared with the lock file, and the comment is not a finding.
    assert workspace.call("check", ".").code == 0


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (NET.replace("  wide:", "  tiny: {params: {width: 1}}\n  wide:"), "net.yaml:5:3",
         "tiny: convcalc.lock does not have this network"),
        (NET.replace("  wide:", "  wider:"), "net.yaml:1:1", "there is no variant `wide`, but convcalc.lock has it"),
        (NET.replace("input: [3, 8, 8]\n", "").replace("params: {width: 8}", "input: [3, 8, 8], params: {width: 8}"),
         "net.yaml:1:1", "without a variant the file is not a network, but convcalc.lock has it"),
    ],
    ids=["missing", "gone", "no network"],
)  # fmt: skip
def test_targets_that_come_and_go(text: str, place: str, message: str, workspace: Workspace) -> None:
    (workspace / "net.yaml").write_text(text)
    told = workspace.call("check", ".", "--locked")
    assert told.code == 1
    assert f"{place}: error[locked] {message}" in told.out
    workspace.call("check", ".", "--update-lock")
    assert workspace.call("check", ".", "--locked").code == 0


PATHS = [("sub", True), ("sub/net.yaml", False), ("sub/*.yaml", True), ("**/*.yaml", True), (".", True),
         ("other", False), ("other/*.yaml", False), ("net.yaml", False)]  # fmt: skip


@pytest.mark.parametrize(("path", "told"), PATHS)
def test_a_file_that_is_gone_is_told_where_it_was_checked(path: str, told: bool, workspace: Workspace) -> None:
    for name in ("sub", "other"):
        (workspace / name).mkdir()
        (workspace / name / "net.yaml").write_text(NET)
        (workspace / name / "more.yaml").write_text(NET)
    assert workspace.call("check", ".", "--update-lock").code == 0
    (workspace / "sub" / "net.yaml").unlink()
    if path == "sub/net.yaml":
        assert workspace.call("check", path, "--locked").code == 2  # there is nothing of that name to check
        return
    found = workspace.call("check", path, "--locked")
    line = lock(workspace).splitlines().index("  sub/net.yaml:") + 1
    place = f"convcalc.lock:{line}:3: error[locked] sub/net.yaml is locked, but there is no such file"
    assert (place in found.out) == told
    assert found.code == (1 if told else 0)


def test_a_file_that_became_a_library_is_told(workspace: Workspace) -> None:
    (workspace / "net.yaml").write_text("blocks:\n  unit:\n    layers: [relu]\n")
    told = workspace.call("check", ".", "--locked")
    assert "net.yaml is locked, but it is passed over: " in told.out
    assert told.code == 1
    assert "- net.yaml@wide: it is passed over: " in workspace.call("check", ".", "--update-lock").err
    assert lock(workspace).endswith("targets: {}\n")
    assert workspace.call("check", ".", "--locked").code == 0


def test_an_update_is_of_the_paths_alone(workspace: Workspace) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (workspace / name).write_text(NET)
    assert workspace.call("check", ".", "--update-lock").err.splitlines() == [
        f"+ {name}{variant}" for name in ("a.yaml", "b.yaml", "c.yaml") for variant in ("", "@wide")
    ]
    before = lock(workspace)
    for name in ("a.yaml", "b.yaml"):
        (workspace / name).write_text(NET.replace("width: 4", "width: 5"))
    (workspace / "c.yaml").unlink()
    told = workspace.call("check", "a.yaml", "--update-lock")
    assert told.code == 0
    *gone, changed = told.err.splitlines()
    assert gone == ["- c.yaml: there is no such file", "- c.yaml@wide: there is no such file"]
    assert changed.startswith("~ a.yaml: output_shape 4x6x6 → 5x6x6, params 108 → 135 (+27, +25.0 %), ")
    old, now = Lock("x", Source("x", before)).targets, Lock("x", Source("x", lock(workspace))).targets
    assert now["b.yaml"] == old["b.yaml"]
    assert now["net.yaml"] == old["net.yaml"]
    assert now["a.yaml"]["wide"] == old["a.yaml"]["wide"]
    assert now["a.yaml"][None]["params"] == 135
    assert workspace.call("check", "b.yaml", "--locked").code == 1


def test_a_broken_file_keeps_its_entries(workspace: Workspace) -> None:
    before = lock(workspace)
    (workspace / "net.yaml").write_text(NET.replace("kernel_size: 3", "kernel_size: 9"))
    (workspace / "fine.yaml").write_text(NET)
    told = workspace.call("check", ".", "--update-lock")
    assert told.code == 2
    assert "! net.yaml is broken: its locked figures stay unchanged" in told.err
    assert set(Lock("x", Source("x", lock(workspace))).targets) == {"fine.yaml", "net.yaml"}
    assert lock(workspace).endswith(before[before.index("  net.yaml:") :])


def test_figures_that_are_not_known(workspace: Workspace) -> None:
    text = "input: [1, 4, 4]\ncustom: {g: {macs: 7}}\nlayers: [conv2d: {out_channels: 1, kernel_size: 3}, g]\n"
    (workspace / "part.yaml").write_text(text)
    workspace.call("check", ".", "--update-lock")
    assert "\n    params: at least 10\n" in lock(workspace)
    assert workspace.call("check", ".", "--locked").code == 0
    (workspace / "part.yaml").write_text(text.replace("macs: 7", "macs: 7, parameters: {weight: 3}"))
    assert "params ≥ 10 → 13" in workspace.call("check", ".", "--locked").out


def test_the_lock_file_may_lie_elsewhere(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / "ci").mkdir()
    assert workspace.call("check", "net.yaml", "--update-lock", "--lock-file", "ci/figures.lock").code == 0
    assert "\n  ../net.yaml@wide:\n" in (workspace / "ci" / "figures.lock").read_text()
    monkeypatch.chdir(workspace / "ci")
    assert workspace.call("check", "../net.yaml", "--locked", "--lock-file", "figures.lock").code == 0
    assert workspace.call("check", str(workspace / "net.yaml"), "--locked", "--lock-file", "../convcalc.lock").code == 0


def test_it_lies_beside_the_configuration(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / ".convcalc.yaml").write_text("budgets: []\n")
    (workspace / "sub").mkdir()
    monkeypatch.chdir(workspace / "sub")
    assert workspace.call("check", "../net.yaml", "--locked").code == 0
    (workspace / ".convcalc.yaml").write_text("lock: sub/other.lock\n")
    assert workspace.call("check", "../net.yaml", "--update-lock").code == 0
    assert "\n  ../net.yaml@wide:\n" in (workspace / "sub" / "other.lock").read_text()


WRONG_CALLS = [
    (["net.yaml", "--locked", "--update-lock"], "contradict"),
    (["-", "--locked"], "standard input cannot be used with a lock file"),
    (["net.yaml", "--diff", "--locked"], "cannot be used with a lock file"),
    (["net.yaml", "--locked", "--lock-file", "none.lock"], "there is no lock file none.lock"),
    (["net.yaml", "--locked", "--lock-file", "."], "this is a directory"),
]


@pytest.mark.parametrize(("args", "message"), WRONG_CALLS, ids=[case[1] for case in WRONG_CALLS])
def test_wrong_calls(args: list[str], message: str, workspace: Workspace) -> None:
    told = workspace.call("check", *args)
    assert told.code == 2
    assert message in told.err


MALFORMED = [
    ("§", "empty"),
    ("§- 1\n", "not a mapping"),
    ("lock: 1\ntargets: §[]\n", "`targets` must be a mapping of networks"),
    (f"lock: §{VERSION + 1}\ntargets: {{}}\n", f"version {VERSION + 1} of the lock file is not known"),
    ("lock: §0\ntargets: {}\n", "version 0 of the lock file is not known"),
    ("lock: §true\ntargets: {}\n", "version True of the lock file is not known"),
    ("§targets: {}\n", "no key `lock`"),
    ("lock: 1\n§more: 1\ntargets: {}\n", "no key `more`"),
    ("lock: 1\ntargets:\n  a.yaml: §5\n", "`a.yaml` must be a mapping of figures"),
    ("lock: 1\ntargets:\n  a.yaml:\n    §parms: 5\n", "there is no figure `parms`"),
    ("lock: 1\ntargets:\n  a.yaml:\n    params: §many\n", "params is not a number"),
    ("lock: 1\ntargets:\n  a.yaml:\n    params: §1.5\n", "params is not a number"),
    ("lock: 1\ntargets:\n  a.yaml:\n    output_shape: [1, §true]\n", "output_shape is not a number"),
    ("lock: 1\ntargets:\n  a.yaml:\n    params: 5\n    §params: 6\n", "written twice"),
    ("lock: 1\ntargets:\n  a.yaml: {}\n  §a.yaml: {}\n", "written twice"),
    ("lock: 1\ntargets:\n  a.yaml:\n§<<<<<<< ours\n    params: 5\n=======\n", "a merge conflict is not resolved"),
    ("lock: 1\ntargets:\n  a.yaml: §{", "not closed"),
]


@pytest.mark.parametrize(("text", "message"), MALFORMED, ids=[case[1] for case in MALFORMED])
@pytest.mark.parametrize("option", ["--locked", "--update-lock"])
def test_a_malformed_file_is_refused_at_its_place(option: str, text: str, message: str, workspace: Workspace) -> None:
    before = text.partition("§")[0]
    (workspace / "convcalc.lock").write_text(text.replace("§", ""))
    told = workspace.call("check", ".", option)
    assert told.code == 2
    assert "[lock-file]" in told.err
    assert message in told.err
    assert "help: " in told.err
    if "mapping\n" not in told.err and message not in ("empty", "not a mapping"):
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        assert told.err.startswith(f"convcalc.lock:{line}:{column}: ")
    assert (workspace / "convcalc.lock").read_text() == text.replace("§", "")


def test_it_is_written_whole_or_not_at_all(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lock(workspace)
    (workspace / "net.yaml").write_text(NET.replace("width: 4", "width: 5"))

    def fail(*paths: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert workspace.call("check", ".", "--update-lock").code == 2
    assert lock(workspace) == before
    assert sorted(path.name for path in workspace.path.iterdir()) == ["convcalc.lock", "net.yaml"]


NAMES = ["net.yaml", "my net.yaml", "a@b.yaml", "net: #1.yaml", "ünï.yaml", 'q"\\.yaml', "-.yaml", "'.yaml", "1.yml",
         "tab\t.yaml", "line\nbreak.yaml", "{a}.yaml", "\u2028.yaml", "\U0001f600.yaml"]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_any_name_of_a_file_comes_back(workspace: Workspace) -> None:
    (workspace / "net.yaml").unlink()
    for name in NAMES:
        (workspace / name).write_text(NET)
    assert workspace.call("check", ".", "--update-lock").code == 0
    assert set(Lock("x", Source("x", lock(workspace))).targets) == set(NAMES)
    assert workspace.call("check", ".", "--locked").code == 0


def test_several_processes_find_the_same(workspace: Workspace) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (workspace / name).write_text(NET)
    workspace.call("check", ".", "--update-lock", "--jobs", "2")
    before = lock(workspace)
    workspace.call("check", ".", "--update-lock", "--jobs", "1")
    assert lock(workspace) == before
    (workspace / "b.yaml").write_text(NET.replace("width: 4", "width: 5"))
    one, two = (workspace.call("check", ".", "--locked", "--jobs", jobs).out for jobs in ("1", "2"))
    assert one == two


def test_a_broken_file_has_no_targets_that_are_gone(workspace: Workspace) -> None:
    (workspace / "net.yaml").write_text(NET.replace("  wide: {params: {width: 8}}", "  wide: 5"))
    told = workspace.call("check", ".", "--locked")
    assert told.code == 2
    assert "[locked]" not in told.out


@pytest.mark.parametrize("name", ["net.yaml", "net.yaml@v", "a@b.yaml", "a@b.yaml@v-1", "dir@x/net.yml"])
def test_labels_come_apart_again(name: str) -> None:
    assert label(*split(name)) == name
    assert split(name)[0].endswith((".yaml", ".yml"))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(networks(1), networks(2)), min_size=1, max_size=3))
def test_what_was_written_is_read_again(found: list[Network]) -> None:
    written = Lock("convcalc.lock")
    for number, network in enumerate(found):
        report = convcalc.analyse(convcalc.loads(network.text))
        written.targets[f"{number}.yaml"] = {None: figures(report)}
        assert set(figures(report)) == set(FIGURES)
    text = written.text()
    read = Lock("convcalc.lock", Source("convcalc.lock", text))
    assert read.targets == written.targets
    assert read.text() == text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="lock: 1targes.ym{}[]-\n#&*!|>'\"@<=~", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    rules = []
    try:
        Lock("convcalc.lock", Source("convcalc.lock", f"lock: 1\ntargets:\n  {text}\n"))
    except SpecError as error:
        rules = [problem.rule for problem in error.problems]
    assert rules in ([], ["lock-file"])


@needs_git
def test_branches_that_change_different_networks_merge(workspace: Workspace) -> None:
    for name in ("a.yaml", "b.yaml"):
        (workspace / name).write_text(NET)
    workspace.call("check", ".", "--update-lock")
    workspace.commit()
    for branch, name in (("one", "a.yaml"), ("two", "b.yaml")):
        workspace.git("checkout", "-b", branch, "main")
        (workspace / name).write_text(NET.replace("width: 4", "width: 5"))
        (workspace / f"{name[0] * 2}.yaml").write_text(NET)
        workspace.call("check", ".", "--update-lock")
        workspace.commit()
    workspace.git("merge", "one")
    assert workspace.call("check", ".", "--locked").code == 0


def test_the_page_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guides" / "ci.md").read_text(encoding="utf-8")
    section = page[page.index("\n## Lock file\n") :].partition("\n## Where")[0]
    (spec,) = re.findall(r"^```yaml\n(.*?)^```$", section, re.M | re.S)
    target, finding = re.findall(r"^```text\n(.*?)^```$", section, re.M | re.S)
    workspace = Workspace(tmp_path, capsys, monkeypatch)
    workspace.write(digits=spec)
    workspace.call("check", "digits.yaml", "--update-lock")
    assert lock(workspace).endswith(f"\n\n{target}")
    workspace.write(digits=spec.replace("kernel_size: 5", "kernel_size: 3"))
    command, _, shown = finding.partition("\n")
    assert workspace.call("check", *command.removeprefix("$ convcalc check ").split()).out == shown
