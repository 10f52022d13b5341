"""--baseline and --max-growth: figures held against a git revision."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.errors import UsageError
from convcalc.limits.growth import Growth, growth, growth_option
from tests.networks import NET, PARAMS, WIDE_PARAMS
from tests.workspace import Workspace, needs_git

pytestmark = needs_git

WIDER = NET.replace("out_features: 10", "out_features: 11")  # 5,409 parameters and 5,408 macs more, in both
BLOCKS = "blocks:\n  stem:\n    layers: [conv2d: {out_channels: 4, kernel_size: 3}]\n"
USER = "include: lib/blocks.yaml\ninput: [3, 8, 8]\nlayers: [stem, relu]\n"


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """A repository that holds the network."""
    workspace.write(net=NET)
    workspace.commit()
    return workspace


GROWTHS = [
    ("params=2%", Fraction(2), 0),
    ("params = 0.5 %", Fraction(1, 2), 0),
    ("params=10k", None, 10_000),
    ("params=10,000", None, 10_000),
    ("macs=0", None, 0),
    ("param_bytes=4 MiB", None, 4 * 2**20),
]


@pytest.mark.parametrize(("text", "percent", "amount"), GROWTHS)
def test_growths_as_they_are_written(text: str, percent: Fraction | None, amount: int) -> None:
    found = growth_option(text)
    assert (found.figure, found.percent, found.amount) == (text.partition("=")[0].strip(), percent, amount)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("params", "has no amount"),
        ("params=", "has no amount"),
        ("parms=2%", "did you mean params"),
        ("params=-2%", "not a whole number"),
        ("params=some", "not a whole number"),
        ("macs=1KiB", "is in bytes"),
        ("conv1.params=1", "a network has no figure"),
    ],
)
def test_what_allows_no_growth(text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        growth_option(text)
    assert message in str(error.value)


@given(st.integers(0, 10**30), st.integers(0, 10**30), st.integers(0, 1000))
def test_per_cent_are_exact(old: int, new: int, tenths: int) -> None:
    allowed = growth("params", f"{tenths // 10}.{tenths % 10}%", "")
    assert allowed.allows(old, new) == (1000 * (new - old) <= tenths * old)


def test_amounts() -> None:
    allowed = Growth("params", None, 5, "")
    assert [allowed.allows(10, new) for new in (3, 10, 15, 16)] == [True, True, True, False]


CASES = [
    ((), 6),  # params, macs and peak of both networks
    (("--max-growth", "params=5409"), 0),
    (("--max-growth", "params=5408"), 2),
    (("--max-growth", "params=5.4k", "--max-growth", "macs=0"), 4),
    (("--max-growth", "params=9%"), 1),
    (("--max-growth", "params=10%", "--max-growth", "macs=1%"), 0),
    (("--max-growth", "layers=0"), 0),
    (("--max-growth", "receptive_field=0"), 0),
    (("--max-growth", "param_bytes=21KiB"), 2),
    (("--max-growth", "param_bytes=22KiB"), 0),
]


@pytest.mark.parametrize(("options", "count"), CASES)
def test_growth(workspace: Workspace, options: tuple[str, ...], count: int) -> None:
    # The peak grows too: the width of all maps but the last is 17.
    workspace.write(net=WIDER if options else WIDER.replace("width: 16", "width: 17").replace("width: 64", "width: 65"))
    code, out = workspace.check("net.yaml", "--baseline", "main", *options)
    assert (code, out.count("error[growth]")) == (bool(count), count), out


def test_the_message(workspace: Workspace) -> None:
    workspace.write(net=WIDER.replace("- relu", "- conv2d: {name: more, out_channels: 1, kernel_size: 1}"))
    options = ("--ignore", "all", "--max-growth", "macs=0", "--max-growth", "params=1%")
    code, out = workspace.check("net.yaml", "--baseline", "main", *options)
    assert code == 1
    assert out == (
        """\
net.yaml:1:1: error[growth] params is 60,612, and 56,266 at main: 4,346 (7.7 %) more, over the 1 % allowed
   1 | name: Net
     | ^^^^
  note: the limit is --max-growth params=1%
  help: most of it: fc (+5,409) and more (+17, a new layer)
net.yaml:5:3: error[growth] wide: params is 62,004, and 61,066 at main: 938 (1.5 %) more, over the 1 % allowed
   5 |   wide: {params: {width: 64}}
     |   ^^^^
  note: the limit is --max-growth params=1%
  help: most of it: fc (+5,409) and more (+65, a new layer)

1 file, 2 networks: 2 errors
"""
    )


def test_what_does_not_grow_passes(workspace: Workspace) -> None:
    assert workspace.check(".", "--baseline", "main") == (0, "1 file, 2 networks: no problems\n")
    workspace.write(net=NET.replace("out_features: 10", "out_features: 9") + "# another text\n")
    assert workspace.check(".", "--baseline", "HEAD") == (0, "1 file, 2 networks: no problems\n")


def test_what_has_no_baseline_passes(workspace: Workspace) -> None:
    workspace.write(net=WIDER.replace("  wide:", "  huge: {params: {width: 256}}\n  wide:"), new=WIDER)
    code, out = workspace.check(".", "--baseline", "main", "--max-growth", "params=10%", "--verbose")
    assert code == 0
    assert "net.yaml: no baseline: there was no variant huge at main\n" in out
    assert "new.yaml: no baseline: there was no such file at main\n" in out


def test_a_baseline_that_cannot_be_read_is_none(workspace: Workspace) -> None:
    workspace.write(net="input: [3, 8, 8]\nlayers: [rleu]\n", other="layers: [\n")
    workspace.commit("broken")
    workspace.write(net=WIDER, other=WIDER)
    code, out = workspace.check(".", "--baseline", "broken", "--verbose")
    assert code == 0
    assert "net.yaml: no baseline: the file at broken cannot be built: broken:net.yaml:2:10: error[unknown-type]" in out
    assert "other.yaml: no baseline: the file at broken cannot be read: broken:other.yaml:" in out


def test_a_renamed_file_is_held_against_its_old_name(workspace: Workspace) -> None:
    workspace.git("mv", "net.yaml", "moved.yaml")
    workspace.write(moved=WIDER)
    code, out = workspace.check(".", "--baseline", "main", "--max-growth", "params=0")
    assert (code, out.count("error[growth]")) == (1, 2)


def test_included_files_are_of_the_baseline(workspace: Workspace) -> None:
    workspace.write(user=USER, lib__blocks=BLOCKS)
    workspace.commit("base")
    workspace.write(lib__blocks=BLOCKS.replace("4,", "5,"))
    code, out = workspace.check("user.yaml", "--baseline", "base", "--max-growth", "params=0")
    assert code == 1, "the text of the spec itself has not changed"
    assert "params is 140, and 112 at base: 28 (25.0 %) more, none is allowed" in out


def test_what_is_not_known_fails(workspace: Workspace) -> None:
    text = "input: [3, 8, 8]\ncustom: {blob: {output_shape: [4, 8, 8]}}\nlayers: [conv2d: {out_channels: 1, kernel_size: 1}, blob]\n"  # noqa: E501
    workspace.write(blob=text)
    workspace.commit("base")
    workspace.write(blob=text.replace("{output_shape", "{parameters: 5, output_shape"))
    code, out = workspace.check("blob.yaml", "--baseline", "base", "--max-growth", "params=100%")
    assert code == 1
    assert "params is at least 4, and not known in full: no formula of blob_1 gives it at base" in out


def test_standard_input_has_no_baseline(workspace: Workspace) -> None:
    assert workspace.call("check", "-", "--baseline", "main", data=WIDER).code == 0


def test_processes_say_the_same(workspace: Workspace) -> None:
    workspace.write(**{f"net{number}": NET for number in range(20)})
    workspace.commit("base")
    workspace.write(**{f"net{number}": WIDER for number in range(20)})
    one, two = (workspace.check(".", "--baseline", "base", "--jobs", jobs) for jobs in ("1", "2"))
    assert one == two
    assert one[1].count("error[growth]") == 80


def test_from_a_folder_below(workspace: Workspace) -> None:
    workspace.write(specs__net=NET)
    workspace.commit("base")
    workspace.write(specs__net=WIDER)
    workspace.enter("specs")
    assert workspace.check("net.yaml", "--baseline", "base")[0] == 1
    assert workspace.check("..", "--baseline", "base")[0] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--baseline", "maim"), "there is no revision `maim`"),
        (("--baseline", ""), "there is no revision ``"),
        (("--max-growth", "params=1%"), "add --baseline REV"),
        (("--baseline", "main", "--max-growth", "params"), "has no amount"),
    ],
)
def test_wrong_calls(workspace: Workspace, options: tuple[str, ...], message: str) -> None:
    code, out = workspace.check("net.yaml", *options)
    assert code == 2
    assert message in out


def test_without_a_repository(tmp_path: Path, workspace: Workspace) -> None:
    os.rename(tmp_path / ".git", tmp_path / "other")
    code, out = workspace.check("net.yaml", "--baseline", "main")
    assert code == 2
    assert "is not in a git repository" in out


def test_the_figures_of_the_example() -> None:
    assert (PARAMS, WIDE_PARAMS) == (448 + 1152 + 576 + 54_090, 1792 + 4608 + 576 + 54_090)
