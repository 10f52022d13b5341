"""`convcalc completion`, and what is completed."""

import pytest

from convcalc.cli.main import run
from tests.workspace import command, finished


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert f"_CONVCALC_COMPLETE={shell}_complete" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("convcalc com", {"compare", "completion"}),
        ("convcalc count lene", {"lenet", "lenet-1989"}),
        ("convcalc compare alexnet#fc", {"alexnet#fc6", "alexnet#fc7", "alexnet#fc8"}),
        ("convcalc diff lenet alex", {"alexnet"}),
        ("convcalc diff resnet1", {"resnet18", "resnet101", "resnet152"}),
        ("convcalc explain lenet conv", {"conv1", "conv2"}),
        ("convcalc count --columns name,fl", {"name,flops"}),
        ("convcalc count --filter conv2", {"conv2d"}),
        ("convcalc rules dropped", {"dropped-rows"}),
        ("convcalc check --select dropped-rows,skip", {"dropped-rows,skipped-rows"}),
        ("convcalc zoo alex", {"alexnet"}),
        ("convcalc zoo --family vg", {"vgg"}),
        ("convcalc zoo --sort rec", {"receptive_field"}),
    ],
)
def test_words_are_completed(words: str, expected: set[str]) -> None:
    cursor = str(len(words.split()) - 1)
    done = finished(command(), _CONVCALC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=cursor)
    lines = done.stdout.decode().splitlines()
    found = {line.partition(",")[2] for line in lines if line.startswith("plain")}
    assert expected <= found
    assert all(word.startswith(words.split()[-1]) for word in found)
