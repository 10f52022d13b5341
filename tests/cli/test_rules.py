"""convcalc rules"""

from __future__ import annotations

import pytest

from convcalc.cli.main import run
from convcalc.lint.rules import RULES


def test_every_rule_is_listed_with_its_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    default, _, selected = capsys.readouterr().out.partition("\nWhen selected\n")
    for rule, is_default in RULES.items():
        assert f"\n  {rule}\n      " in (default if is_default else f"\n{selected}")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_page(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", rule]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{rule}\n\n")
    assert out.index("\nFails\n") < out.index("\nPasses\n")


def test_examples_stand_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "bias-before-norm"]) == 0
    out = capsys.readouterr().out
    assert "Fails\n  input: [3, 32, 32]\n  layers:\n    - conv2d: {out_channels: 16, kernel_size: 3}\n" in out


def test_unknown_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "dropped-row"]) == 2
    assert "did you mean dropped-rows" in capsys.readouterr().err
