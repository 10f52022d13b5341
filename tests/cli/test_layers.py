"""convcalc layers"""

from __future__ import annotations

import pytest

from convcalc import layers
from convcalc.cli.main import run
from convcalc.manual import words


def test_every_type_container_and_key_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers"]) == 0
    out = capsys.readouterr().out
    assert {*layers.names(), *words.CONTAINERS, *words.ENTRY_KEYS} <= set(out.split())
    assert "\nTransposed convolution\n  conv_transpose1d conv_transpose2d conv_transpose3d\n" in out


@pytest.mark.parametrize("word", [*layers.names(), *words.CONTAINERS, *words.ENTRY_KEYS])
def test_every_word_has_a_page(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", word]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{word}\n\n")
    assert "\nExample\n  input: " in out


def test_a_page_is_in_the_kind_s_own_name_and_rank(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "conv1d"]) == 0
    out = capsys.readouterr().out
    assert "  input: [3, 227]\n  layers:\n    - conv1d: {out_channels: 96, kernel_size: 11, stride: 4}\n" in out
    assert "  kernel_size: whole number from 1 or list of 1; required\n      size of the kernel" in out


def test_unknown_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "conv2"]) == 2
    assert "did you mean conv2d" in capsys.readouterr().err
