"""Networks that read sequences, at other lengths than those of their files."""

from __future__ import annotations

import pytest

import convcalc

# Parameters and multiply-accumulates of the models of transformers 5.24, under PyTorch's FlopCounterMode.
AT_OTHER_LENGTHS = [
    ("bert_base", {"length": 128}, 109482240, 11174215680),
    ("bert_large", {"length": 128}, 335141888, 39461060608),
    ("t5_small", {"written": 114}, 60506624, 17708900352),
    ("t5_base", {"written": 114}, 222903552, 70990700544),
    ("wav2vec2_base", {"samples": 32000}, 94371712, 14004417536),
]


@pytest.mark.parametrize(("target", "lengths", "params", "macs"), AT_OTHER_LENGTHS)
def test_the_length_changes_the_work_and_no_parameter(
    target: str, lengths: dict[str, int], params: int, macs: int
) -> None:
    totals = convcalc.analyse(target, params=lengths).totals
    assert (totals.params, totals.macs) == (params, macs)
