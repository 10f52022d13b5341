"""`convcalc completion`, and what is completed. test_shells.py tries the scripts in the shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from convcalc.cli.completion_scripts import SHELLS
from convcalc.cli.main import COMPLETE, cli, run
from tests.workspace import Workspace, command, finished

NET = """\
input: [1, 8, 8]
params: {width: 2}
layers:
  - conv2d: {name: first, out_channels: =width, kernel_size: 3}
variants: {small: {input: [1, 6, 6]}}
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert f"{COMPLETE}={shell}_complete" in out
    if shutil.which(shell) is not None:
        subprocess.run([shell, "-n"], input=out, check=True, encoding="utf-8")  # noqa: S603 - reads its syntax alone


def candidates(line: str, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The lines that convcalc answers for a line that is typed."""
    monkeypatch.setenv("COMP_LINE", f"convcalc {line}")
    answer = SHELLS["bash"](cli, {}, "convcalc", COMPLETE).complete()
    return [each.split("\t") for each in answer.split("\n")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("com", {"compare", "completion"}),
        ("count lene", {"lenet", "lenet-1989"}),
        ("count resnet@resnet1", {"resnet@resnet18", "resnet@resnet101", "resnet@resnet152"}),
        ("count net.yaml@", {"net.yaml@small"}),
        ("count 'net.yaml@s", {"net.yaml@small"}),
        ("compare alexnet#fc", {"alexnet#fc6", "alexnet#fc7", "alexnet#fc8"}),
        ("diff lenet alexnet_", {"alexnet_v2"}),
        ("diff resnet1", {"resnet18", "resnet101", "resnet152"}),
        ("explain lenet conv", {"conv1", "conv2"}),
        ("explain net.yaml ", {"first"}),
        ("field lenet conv2 --from po", {"pool1", "pool2"}),
        ("count lenet --columns name,flo", {"name,flops"}),
        ("count lenet --columns=flo", {"flops"}),
        ("count lenet --sort fl", {"flops"}),
        ("count lenet --format ma", {"markdown"}),
        ("count --filter conv2", {"conv2d"}),
        ("layer conv2", {"conv2d"}),
        ("layer conv2d out", {"out_channels="}),
        ("layer conv2d kernel_size=3 padding", {"padding=", "padding_mode="}),
        ("layer conv2d padding_mode=re", {"padding_mode=reflect", "padding_mode=replicate"}),
        ("layer conv2d bias=", {"bias=true", "bias=false"}),
        ("count net.yaml --set ", {"width=", "first."}),
        ("count net.yaml --set first.padd", {"first.padding=", "first.padding_mode="}),
        ("count net.yaml --set first.padding=s", {"first.padding=same"}),
        ("sweep net.yaml --vary wi", {"width="}),
        ("sweep net.yaml --vary first.kern", {"first.kernel_size="}),
        ("sweep net.yaml --vary in", {"input=", "input.height=", "input.size="}),
        ("sweep net.yaml --vary variant=s", {"variant=small"}),
        ("sweep net.yaml --where par", {"params", "param_bytes"}),
        ("sweep net.yaml --where 'params < 5M and rec", {"params < 5M and receptive_field"}),
        ("sweep net.yaml --vary width=1,2 --where wi", {"width"}),
        ("sweep net.yaml --pareto params,-rec", {"params,-receptive_field"}),
        ("sweep net.yaml --vary width=1,2 --plot-axes params,-rec", {"params,-receptive_field"}),
        ("sweep net.yaml --columns params,output_s", {"params,output_shape"}),
        ("solve net.yaml wi", {"width"}),
        ("solve net.yaml first.kern", {"first.kernel_size"}),
        ("solve net.yaml --largest in", {"input", "input.height"}),
        ("solve net.yaml width --want 'params < 5M and rec", {"params < 5M and receptive_field"}),
        ("layer conv2d padding=", {"padding=same", "padding=?"}),
        ("rules dropped", {"dropped-rows"}),
        ("check --select dropped-rows,skip", {"dropped-rows,skipped-rows"}),
        ("zoo alex", {"alexnet"}),
        ("zoo --family vg", {"vgg"}),
        ("zoo --sort rec", {"receptive_field"}),
    ],
)
def test_words_are_completed(
    line: str, expected: set[str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.write(net=NET)
    first, *found = candidates(line, monkeypatch)
    plain = {each[1] for each in found if each[0] == "plain"}
    assert expected <= plain
    assert first[0] == "word"
    assert all(each.startswith(first[1]) for each in plain)


@pytest.mark.parametrize(
    "line",
    ["count ", "check ", "diff lenet n", "count lenet --output ", "count lenet --output=n", "sweep net.yaml --plot "],
)
def test_files_are_left_to_the_shell(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "file" in [each[0] for each in candidates(line, monkeypatch)]


def test_given_parameters_and_columns_are_not_offered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ["plain", "padding="] not in [each[:2] for each in candidates("layer conv2d padding=1 pad", monkeypatch)]
    assert ["plain", "name,name"] not in candidates("count --columns name,na", monkeypatch)


def test_commands_and_layers_have_a_help(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ["plain", "zoo", "The shipped specs."] in candidates("z", monkeypatch)
    assert ["plain", "conv1", "conv2d"] in candidates("explain lenet conv1", monkeypatch)


def test_a_press_of_the_key_answers() -> None:
    done = finished(command(), COMP_LINE="convcalc comp", _CONVCALC_COMPLETE="fish_complete")
    assert done.stdout.decode().splitlines()[0] == "word\tcomp"
    assert b"plain\tcompare\t" in done.stdout


# --- Installation. ---


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("ZDOTDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("convcalc.cli.completion.BASH_COMPLETION", ())
    monkeypatch.setenv("PATH", "")  # so that no zsh is asked, whose folders may be outside
    return tmp_path


@pytest.mark.parametrize(
    ("shell", "file", "line"),
    [
        ("bash", ".local/share/bash-completion/completions/convcalc", "to ~/.bashrc"),
        ("zsh", ".local/share/zsh/site-functions/_convcalc", "to ${ZDOTDIR:-~}/.zshrc"),
        ("fish", ".config/fish/completions/convcalc.fish", "Start a new fish"),
    ],
)
def test_the_script_is_installed(
    shell: str, file: str, line: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert run(["completion", "--install"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"wrote {home / file}\n")
    assert line in out
    assert (home / file).read_text() == SHELLS[shell].source_template
    if "Start" not in line:
        assert f"\n  source '{home / file}'\n" in out


def test_with_bash_completion_no_line_is_needed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("convcalc.cli.completion.BASH_COMPLETION", (str(home),))
    assert run(["completion", "bash", "--install"]) == 0
    assert capsys.readouterr().out.endswith("\nStart a new bash to use it.\n")


def test_a_folder_of_the_environment_is_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "settings"))
    assert run(["completion", "fish", "--install"]) == 0
    assert (home / "settings" / "fish" / "completions" / "convcalc.fish").exists()


@pytest.mark.parametrize(
    ("args", "shell", "said"),
    [
        (["--install"], "/bin/tcsh", "there is no completion for the shell `tcsh`"),
        ([], "/bin/bash", "give one of bash, zsh, fish, or --install"),
        (["csh"], "/bin/bash", "csh"),
    ],
)
def test_errors(
    args: list[str], shell: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELL", shell)
    assert run(["completion", *args]) == 2
    assert said in capsys.readouterr().err
