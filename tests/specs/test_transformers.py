"""What attention sees: the whole image, or what its windows leave of it."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.report.receptive_field import ReceptiveField


def field_of(report: convcalc.Report, name: str) -> ReceptiveField:
    field = report.row(name).receptive_field
    assert isinstance(field, ReceptiveField)
    return field


@pytest.mark.parametrize("depth", [1, 12])
def test_attention_over_patches_sees_the_whole_image(depth: int) -> None:
    """From the first block on, though each patch saw 16x16 pixels and flattening put positions out of order."""
    report = convcalc.analyse("vit_b_16", params={"depth": depth})
    for name in ("encoder.0.self_attention", "ln", "class", "head"):
        field = field_of(report, name)
        assert field.size == field.clipped == [224, 224], name
        assert field.stride is None, name


SWIN = ("patches", "stage1.block.0.attn", "stage1.block.1.attn", "stage2.merging.reduction", "stage2.block.0.attn")


@pytest.mark.parametrize(("model", "sizes"), [("swin_t", [4, 28, 56, 84, 112]), ("swin_v2_t", [4, 32, 64, 64, 128])])
def test_shifted_windows_reach_into_two_of_those_before(model: str, sizes: list[int]) -> None:
    """A window is 7 patches of 4 pixels, or 8. Shifted by 3, its border parts the two neighbours that are merged next;
    shifted by 4, it does not. The sizes are those of the gradients of torchvision's models.
    """
    report = convcalc.analyse(model)
    assert [field_of(report, name).size for name in SWIN] == [[size, size] for size in sizes]
