"""`convcalc count`, as it is called."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import convcalc
from convcalc.cli.main import run
from tests.workspace import ROOT, Workspace, command, environment, finished, python

GOLDENS = ROOT / "tests" / "render" / "goldens"
# What a start that prints JSON must not pay for.
TOO_HEAVY = ("rich", "textual", "fractions", "importlib.metadata", "importlib.resources", "shutil")


def count(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["count", *args]) == 0
    return capsys.readouterr().out


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert count(capsys, "lenet") == (GOLDENS / "lenet-pipe.txt").read_text(encoding="utf-8")


def test_json_is_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(count(capsys, "lenet", "--format", "json")) == convcalc.analyse("lenet").to_dict()
    both = json.loads(count(capsys, "lenet", "alexnet", "--format", "json"))
    assert [report["name"] for report in both] == ["LeNet", "AlexNet"]


def test_json_of_chosen_rows_holds_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(count(capsys, "lenet", "--format", "json", "--filter", "conv2d"))
    assert found["layers"] == [row.to_dict() for row in convcalc.analyse("lenet").rows if row.type == "conv2d"]
    assert found["totals"]["params"] == 44426


def test_json_of_chosen_columns(capsys: pytest.CaptureFixture[str]) -> None:
    args = ("resnet50", "--format", "json", "--depth", "1", "--columns", "name,output_shape,params,receptive_field")
    layers = json.loads(count(capsys, *args))["layers"]
    assert layers[4]["name"] == "layer1"
    assert layers[4]["output_shape"] == [256, 56, 56]
    assert layers[4]["receptive_field"]["size"] == [35, 35]
    assert sum(layer["params"] for layer in layers) == 25557032


def test_csv_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    out = count(capsys, "alexnet", "--format", "csv", "--columns", "name,params_unshared")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows[0] == {"name": "conv1", "params_unshared": "105705600"}


def test_csv_of_several_targets_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(count(capsys, "lenet", "alexnet", "--format", "csv"))))
    assert {row["target"] for row in rows} == {"lenet", "alexnet"}
    assert len(rows) == 12 + 23


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("conv", ["conv1", "conv2"]),
        ("CONV2D", ["conv1", "conv2"]),
        ("conv?", ["conv1", "conv2"]),
        ("*pool*", ["pool1", "pool2"]),
        ("fc", ["fc1", "fc2"]),
        ("linear", ["fc1", "fc2", "output"]),
    ],
)
def test_a_filter_is_a_part_of_a_name_or_type(
    pattern: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = count(capsys, "lenet", "--filter", pattern, "--columns", "name", "--format", "csv")
    assert out.split()[1:] == names


@pytest.mark.parametrize("format_", ["table", "markdown", "html"])
def test_every_format_has_the_same_columns(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = count(capsys, "unet", "--format", format_)
    heads = ["name", "type", "reads", "kernel", "stride", "output", "field", "params", "macs"]
    between = {"table": r"\s+", "markdown": r" \| ", "html": r"</th><th[^>]*>"}[format_]
    assert re.search(between.join(heads), out)
    assert "reads" not in count(capsys, "lenet", "--format", format_)


def test_numbers_are_exact_or_have_three_digits(capsys: pytest.CaptureFixture[str]) -> None:
    assert count(capsys, "lenet", "--exact") == count(capsys, "lenet")
    lines = count(capsys, "lenet", "--si").splitlines()
    assert next(line for line in lines if line.startswith("total")).split() == ["total", "44.4", "k", "282", "k"]
    assert "macs         282 k · flops 563 k" in lines
    assert count(capsys, "lenet", "--si", "--format", "csv") == count(capsys, "lenet", "--format", "csv")


def test_rows_left_out_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    out = count(capsys, "lenet", "--filter", "conv2d")
    assert "10 of 12 layers are left out; the totals are of the whole network" in out
    assert "44,426" in out
    assert "relu_1" not in out
    assert "left out" not in count(capsys, "lenet")


def test_top_is_by_params_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    args = ("lenet", "--top", "2", "--format", "csv", "--columns", "name")
    assert count(capsys, *args).split() == ["name", "fc1", "fc2"]
    assert count(capsys, *args, "--sort", "macs").split() == ["name", "conv2", "conv1"]


def test_output_goes_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "lenet.md"
    assert count(capsys, "lenet", "--format", "markdown", "--output", str(path)) == ""
    assert path.read_text(encoding="utf-8") == (GOLDENS / "lenet.md").read_text(encoding="utf-8")


def test_html_is_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    page = count(capsys, "lenet", "--format", "html")
    assert page.startswith("<!DOCTYPE html>")
    assert (GOLDENS / "lenet.html").read_text(encoding="utf-8") in page


def test_html_escapes_what_a_stranger_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "evil.yaml"
    spec.write_text("name: <script>alert(1)</script>\ninput: [4]\nlayers:\n  - linear: {out_features: 2}\n")
    page = count(capsys, str(spec), "--format", "html")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lenet", "--columns", "nme"], "there is no column `nme`"),
        (["lenet", "--sort", "prams"], "did you mean params"),
        (
            ["lenet", "--filter", "convv"],
            "no layer of lenet has `convv` in its name or type\n  help: did you mean conv",
        ),
        (["lenet", "--filter", "lstm*"], "no layer of lenet has `lstm*`"),
        (["lenet", "--columns", "nam,fild"], "did you mean name"),
        (["lenet", "--columns", "fild"], "did you mean field?"),
        (["alexnet#conv1"], "convcalc explain alexnet conv1"),
        (["-", "-"], "standard input can be read only once"),
        (["lenet", "--output", "."], ". is a directory"),
        (["lenet", "--depth", "0"], "--depth"),
    ],
)
def test_a_wrong_call_is_told(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", *args]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_columns_help_needs_no_target(capsys: pytest.CaptureFixture[str]) -> None:
    out = count(capsys, "--columns", "help")
    assert [line.split()[0] for line in out.splitlines()][:3] == ["name", "type", "inputs"]


def test_colour_in_a_pipe_only_by_force(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    forced = count(capsys, "lenet")
    assert "\033[1mname" in forced
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in count(capsys, "lenet")


RUN = "import sys; from convcalc.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


def modules_of(*arguments: str) -> set[str]:
    """The modules that a call of the command line imports."""
    return set(finished(python(RUN, *arguments)).stderr.decode().split())


def test_json_imports_nothing_heavy() -> None:
    modules = modules_of("count", str(ROOT / "specs" / "lenet.yaml"), "--format", "json")
    assert "convcalc.render.formats.json" in modules
    assert not modules & set(TOO_HEAVY)
    assert not any(name.startswith(("rich.", "convcalc.render.table", "convcalc.report.columns")) for name in modules)


def test_a_pipe_does_not_import_rich() -> None:
    modules = modules_of("count", str(ROOT / "specs" / "lenet.yaml"))
    assert "convcalc.render.text" in modules
    assert "rich" not in modules


def test_an_ascii_pipe_is_no_bug() -> None:
    assert "44,426" in finished(command("compare", "lenet"), PYTHONIOENCODING="ascii").stdout.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("columns", "golden"), [("80", "lenet-80.txt"), ("120", "lenet-120.txt")])
def test_a_terminal_gets_a_table_of_its_width(columns: str, golden: str) -> None:
    lines = on_terminal(["count", "lenet"], COLUMNS=columns, NO_COLOR="1")
    assert "\033" not in lines
    expected = (GOLDENS / golden).read_text(encoding="utf-8")
    assert [line.rstrip() for line in lines.splitlines()] == [line.rstrip() for line in expected.splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_long_table_on_a_terminal_is_plain_and_fits() -> None:
    lines = on_terminal(["count", "resnet152"], COLUMNS="80", NO_COLOR="1", TERM="xterm").splitlines()
    rows = [line for line in lines if line.startswith(("layer", "conv1"))]
    assert len(rows) > 300
    assert not any("─" in line for line in lines)
    assert max(map(len, rows)) <= 80
    assert any(line.startswith("no room for") for line in lines)


def on_terminal(args: list[str], folder: Path | None = None, **changes: str) -> str:
    """What a command prints on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603
        command(*args), stdout=theirs, env=environment(PAGER="cat", **changes), cwd=folder
    ) as process:
        os.close(theirs)
        pieces = []
        try:
            while piece := os.read(ours, 65536):
                pieces.append(piece)
        except OSError:  # Linux ends a terminal so
            pass
    os.close(ours)
    assert process.returncode == 0
    return b"".join(pieces).decode()


BIAS = "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 1}\n  - batch_norm2d\n"
NOTICE = "1 warning: convcalc check "


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_told_what_check_would_find(tmp_path: Path) -> None:
    """With the comments and the configuration that `check` reads. A shipped network has no findings."""
    (tmp_path / "net.yaml").write_text(BIAS)
    (tmp_path / "my net.yaml").write_text(BIAS)
    (tmp_path / "over.yaml").write_text(BIAS + "  - relu\n  - relu\nexpect: {params: 5}\n")
    (tmp_path / "ignored.yaml").write_text(BIAS.replace("1}", "1}  # convcalc: ignore[bias-before-norm]"))
    shutil.copy(ROOT / "specs" / "lenet.yaml", tmp_path)
    for arguments, notices in (
        (["net.yaml"], [f"{NOTICE}net.yaml"]),
        (["net.yaml", "my net.yaml", "net.yaml"], [f"{NOTICE}net.yaml", f"{NOTICE}'my net.yaml'"]),
        (["net.yaml", "--format", "json"], []),
        (["ignored.yaml", "lenet.yaml", "lenet"], []),
        (["over.yaml"], ["1 error and 2 warnings: convcalc check over.yaml"]),
    ):
        lines = on_terminal(["count", *arguments], tmp_path, NO_COLOR="1").splitlines()
        assert [line for line in lines if "convcalc check" in line] == notices
    assert "convcalc check" not in finished(command("count", str(tmp_path / "net.yaml"))).stdout.decode()
    configuration = tmp_path / ".convcalc.yaml"
    for text in ("ignore: [bias-before-norm]\n", "ignore: [no-such-rule]\n"):
        configuration.write_text(text)
        assert "convcalc check" not in on_terminal(["count", "net.yaml"], tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of another kind")
def test_a_reader_that_leaves_is_no_error() -> None:
    done = finished(["sh", "-c", f"{shlex.join(command('count', 'resnet152'))} | head -1"])
    assert done.stderr == b""
    assert done.stdout.startswith(b"ResNet")


def test_standard_input_has_a_name_in_the_title(workspace: Workspace) -> None:
    call = workspace.call("count", "-", data="name: Net\ninput: [3]\nlayers: [relu]\n")
    assert call.out.startswith("Net (<stdin>) · input 3")


def test_the_branches_are_drawn_beside_the_table(workspace: Workspace) -> None:
    lines = workspace.call("count", "unet", "--depth", "2", "--graph").out.splitlines()
    assert lines[4].split()[:2] == ["●─╮", "down1.unit"]
    assert next(line for line in lines if "up1.concat_1" in line).startswith("●─╯  ")
    assert "reads" not in lines[2]  # the lanes say it
    assert any(line.split()[:1] == ["total"] for line in lines)


@pytest.mark.parametrize("option", [["--sort", "params"], ["--top", "3"], ["--filter", "conv"]])
def test_branches_need_the_order_of_the_network(workspace: Workspace, option: list[str]) -> None:
    call = workspace.call("count", "unet", "--graph", *option)
    assert call.code == 2
    assert "--graph needs all layers" in call.err


def test_a_page_has_the_drawing_of_the_network(workspace: Workspace) -> None:
    page = workspace.call("count", "lenet", "--format", "html").out
    assert page.count("<svg ") == 1
    assert ">conv2d 5×5, 6</text>" in page
