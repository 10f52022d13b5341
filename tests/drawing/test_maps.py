"""The maps to scale: which maps there are, where they stand, and how large they are."""

from __future__ import annotations

from itertools import combinations

import pytest

import convcalc
from convcalc import shipped
from convcalc.drawing.maps.picture import maps_svg
from convcalc.drawing.maps.places import SMALLEST, placed
from convcalc.drawing.maps.stages import figure
from tests.drawing.pictures import parsed, texts


def labels(target: str) -> list[str]:
    return [stage.label for stage in figure(convcalc.analyse(target)).stages]


def test_lenet_is_that_of_the_textbook() -> None:
    assert labels("lenet") == [
        "1@28×28", "6@24×24", "6@12×12", "16@8×8", "16@4×4", "256", "120", "84", "10",
    ]  # fmt: skip
    drawn = texts(maps_svg(figure(convcalc.analyse("lenet")), "lenet"))
    assert "5×5 conv" in drawn
    assert "2×2 max pool" in drawn


def test_equal_neighbours_are_one() -> None:
    stages = figure(convcalc.analyse("vgg16")).stages
    assert [stage.made_by for stage in stages if stage.label == "256@56×56"] == ["3×3 conv ×3"]
    assert [stage.made_by for stage in stages if stage.label == "512@14×14"] == ["2×2 max pool, 3×3 conv ×3"]


def test_a_u_net_is_a_u() -> None:
    place = placed(figure(convcalc.analyse("unet")))
    assert place.is_u
    levels = [drawn.row for drawn in place.drawn]
    low = levels.index(max(levels))
    assert levels[:low] == sorted(levels[:low])
    assert levels[low:] == sorted(levels[low:], reverse=True)
    assert levels[0] == levels[-1] == 0
    assert max(levels) == 4
    assert len(figure(convcalc.analyse("unet")).skips) == 4


@pytest.mark.parametrize("target", ["lenet", "vgg16", "resnet50", "googlenet", "alexnet", "fcos", "retinanet"])
def test_a_network_that_only_shrinks_is_a_row(target: str) -> None:
    assert not placed(figure(convcalc.analyse(target))).is_u


@pytest.mark.parametrize("target", ["segnet", "segresnet", "unet3d", "vnet", "ddpm", "deeplab_v3plus"])
def test_a_network_that_gives_a_map_for_each_pixel_is_a_u(target: str) -> None:
    assert placed(figure(convcalc.analyse(target))).is_u


def test_two_columns_are_drawn_as_two() -> None:
    stages = figure(convcalc.analyse("alexnet")).stages
    assert [stage.columns for stage in stages if stage.label == "256@27×27"] == [2]


def test_maps_are_to_scale() -> None:
    drawn = placed(figure(convcalc.analyse("vgg16"))).drawn
    maps = [each for each in drawn if each.stage.is_map and each.height > SMALLEST]
    assert len(maps) > 5
    scales = [each.height / each.stage.sizes[0] for each in maps]
    assert max(scales) - min(scales) < 1e-9


@pytest.mark.parametrize("name", list(shipped.files()))
def test_a_shipped_network_has_its_maps_apart(name: str) -> None:
    found = figure(convcalc.analyse(name))
    place = placed(found)
    for one, other in combinations(place.drawn, 2):
        apart = (
            one.right <= other.x or other.right <= one.x or one.bottom <= other.top or other.bottom <= one.top
        )  # fmt: skip
        assert apart, (one, other)
    for each in place.drawn:
        assert each.x >= 0
        assert each.right <= place.width
        assert each.top >= 0
        assert each.bottom <= place.height
    shown = texts(maps_svg(found, name))
    assert [stage.label for stage in found.stages if stage.label not in shown] == []
    parsed(maps_svg(found, name))
