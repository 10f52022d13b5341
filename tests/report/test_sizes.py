"""Which sizes fit: networks whose answers are known, and sets of sizes in few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convcalc
from convcalc.analysis.sizes import fits
from convcalc.api import load_target
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.report.size_set import SizeSet
from convcalc.report.sizes import Sizes, varied_axes
from convcalc.targets.find import find
from convcalc.targets.target import Target
from convcalc.text.source import Source
from tests.helpers import network

DATA = Path(__file__).parents[1] / "data"


def sizes_of(
    target: Target | str, last: int = 400, axis: str | None = None, first: int = 1, input: str | None = None
) -> Sizes:
    found = find(target) if isinstance(target, str) else target
    changes = Overrides.of(input=input)
    graph = load_target(found, changes)
    axes, tried = varied_axes(graph, axis), range(first, last + 1)
    return Sizes(graph, found.label, axes, tried, fits(parse(found.source)[0], graph, changes, axes, tried))


def spec(layers: str, input: str = "[3, 8, 8]") -> Target:
    return Target("spec.yaml", Source("spec.yaml", network(layers, input)), None, None)


@pytest.mark.parametrize(
    ("target", "smallest"),
    [
        ("alexnet@torchvision", 63),
        ("vgg16", 32),
        ("inception_v3_no_aux", 75),  # these three are torchvision's published min_size
        ("inception_v3", 299),
        ("alexnet", 67),
        ("lenet", 16),
        ("resnet18", 1),
        ("unet", 188),
    ],
)
def test_the_smallest_input(target: str, smallest: int) -> None:
    sizes = sizes_of(target, smallest + 40)
    assert sizes.works.members == tuple(range(smallest, smallest + 41))
    assert sizes.works.from_here_on == smallest
    refused = sizes.refused
    assert (refused.size if refused is not None else 0) == smallest - 1


PADDED_U_NET = """
    - conv2d: {name: enc1, out_channels: 4, kernel_size: 3, padding: 1}
    - max_pool2d: {kernel_size: 2}
    - conv2d: {name: enc2, out_channels: 4, kernel_size: 3, padding: 1}
    - max_pool2d: {kernel_size: 2}
    - conv2d: {name: enc3, out_channels: 4, kernel_size: 3, padding: 1}
    - max_pool2d: {kernel_size: 2}
    - conv2d: {name: enc4, out_channels: 4, kernel_size: 3, padding: 1}
    - max_pool2d: {kernel_size: 2}
    - conv2d: {name: bottom, out_channels: 4, kernel_size: 3, padding: 1}
    - conv_transpose2d: {name: up4, out_channels: 4, kernel_size: 2, stride: 2}
    - concat: {from: [enc4, up4]}
    - conv_transpose2d: {name: up3, out_channels: 4, kernel_size: 2, stride: 2}
    - concat: {from: [enc3, up3]}
    - conv_transpose2d: {name: up2, out_channels: 4, kernel_size: 2, stride: 2}
    - concat: {from: [enc2, up2]}
    - conv_transpose2d: {name: up1, out_channels: 4, kernel_size: 2, stride: 2}
    - concat: {from: [enc1, up1]}
"""


def test_a_padded_u_net_takes_multiples_of_16() -> None:
    sizes = sizes_of(spec(PADDED_U_NET, "[3, 64, 64]"), 200)
    assert sizes.works.members == tuple(range(16, 201, 16))
    assert sizes.works.from_here_on is None
    assert sizes.fits == sizes.works
    assert sizes.refused is not None
    assert sizes.refused.problem is not None
    assert sizes.refused.problem.rule == "shapes-do-not-agree"
    assert {each.layer: str(each.sizes[0]) for each in sizes.maps}["up4"] == "2 × floor(n / 16)"


def test_the_valid_u_net_crops_evenly_every_16() -> None:
    sizes = sizes_of(f"{DATA}/examples/unet.yaml", 600)
    family = tuple(range(188, 601, 16))
    assert 572 in family
    assert sizes.works.members == tuple(range(188, 601))
    assert sizes.centred is not None
    assert sizes.centred.members == sizes.drops_nothing.members == sizes.fits.members == family
    assert str(sizes.maps[-1].sizes[0]) == "16 × floor((n - 124) / 16) - 60"
    assert sizes.maps[-1].own == (388, 388)


def test_lenet_works_at_many_sizes_and_fits_one() -> None:
    sizes = sizes_of("lenet", 60)
    assert sizes.keeps_parameters.members == (28, 29, 30, 31)
    assert sizes.drops_nothing.members == tuple(range(16, 61, 4))
    assert sizes.fits.members == (28,)
    assert sizes.resized == "fc1"
    assert [(each.layer, str(each.sizes[0]), each.own[0]) for each in sizes.maps] == [
        ("conv1", "n - 4", 24),
        ("pool1", "floor((n - 4) / 2)", 12),
        ("conv2", "floor((n - 12) / 2)", 8),
        ("pool2", "floor((n - 12) / 4)", 4),
    ]
    drops = {each.layer: each.drops_first.members[:3] for each in sizes.maps if each.drops_first}
    assert drops == {"pool1": (17, 19, 21), "pool2": (18, 22, 26)}


def test_adaptive_pooling_lets_any_size_keep_the_parameters() -> None:
    sizes = sizes_of("alexnet@torchvision", 250)
    assert sizes.keeps_parameters == sizes.works
    assert sizes.strides_divide.members == (63, 95, 127, 159, 191, 223)
    assert 224 in sizes.fits
    assert 226 not in sizes.fits
    assert str(sizes.maps[-1].sizes[0]) == "6"


def test_without_sharing_one_size_keeps_the_parameters() -> None:
    sizes = sizes_of(spec("- locally_connected2d: {name: local, out_channels: 2, kernel_size: 3}"), 20)
    assert sizes.keeps_parameters.members == (8,)
    assert sizes.resized == "local"


def test_wavenet_takes_every_length() -> None:
    sizes = sizes_of(f"{DATA}/examples/wavenet.yaml", 12)
    assert sizes.fits.members == tuple(range(1, 13))
    assert [(each.layer, str(each.sizes[0])) for each in sizes.maps] == [("softmax_1", "n")]


def test_what_works_need_not_be_monotonous() -> None:
    layers = """
        - conv1d: {name: half, out_channels: 3, kernel_size: 2, stride: 2}
        - max_pool1d: {name: third, kernel_size: 3, stride: 3, from: input}
        - upsample: {name: wide, scale_factor: 2, from: half}
        - upsample: {name: thrice, scale_factor: 3, from: third}
        - concat: {from: [wide, thrice]}
    """
    sizes = sizes_of(spec(layers, "[3, 48]"), 50)
    assert sizes.works.members == (6, 7, 12, 13, 18, 19, 24, 25, 30, 31, 36, 37, 42, 43, 48, 49)
    assert sizes.works.from_here_on is None


def test_strides_that_drop_rows() -> None:
    layers = """
        - conv2d: {name: a, out_channels: 1, kernel_size: 3, stride: 2}
        - max_pool2d: {name: b, kernel_size: 2, ceil_mode: true}
        - avg_pool2d: {name: c, kernel_size: 3}
    """
    sizes = sizes_of(spec(layers, "[3, 31, 31]"), 40)
    # a gives (n - 1) / 2 of an odd n, b hangs over and loses nothing, c wants ceil of half of it to be a multiple of 3.
    by_hand = [n for n in range(11, 41, 2) if -(-((n - 1) // 2) // 2) % 3 == 0]
    assert list(sizes.drops_nothing.members) == by_hand
    assert {each.layer: bool(each.drops_first) for each in sizes.maps} == {"a": True, "b": False, "c": True}


def test_one_axis_varies_and_the_others_stay() -> None:
    layers = "- conv2d: {out_channels: 2, kernel_size: [3, 5]}\n- flatten\n- linear: {out_features: 2}"
    sizes = sizes_of(spec(layers, "[3, 8, 4]"), 10, "height", input="3x8x7")
    assert sizes.axes == {"input": (1,)}
    assert sizes.works.members == tuple(range(3, 11))
    assert sizes.fits.members == (8,)
    assert (sizes.own, sizes.maps[0].own) == (8, (6,))
    assert sizes_of(spec(layers, "[3, 8, 5]"), 10).own is None


def test_axes_by_name() -> None:
    graph = convcalc.loads("input: {a: [3, 8, 8], b: [5, 9], c: [4]}\nlayers: [flatten: {from: a}]")
    assert varied_axes(graph, None) == {"a": (1, 2), "b": (1,), "c": ()}
    assert varied_axes(graph, "width") == {"a": (2,), "b": (), "c": ()}
    assert varied_axes(graph, "tokens") == {"a": (), "b": (0,), "c": ()}
    with pytest.raises(convcalc.UsageError, match="did you mean height"):
        varied_axes(graph, "hight")


def test_an_input_without_spatial_axes() -> None:
    with pytest.raises(convcalc.UsageError, match="no spatial axis"):
        sizes_of(spec("- linear: {out_features: 2}", "[784]"))


def test_a_formula_that_an_expression_refutes_is_not_told() -> None:
    layers = "- conv1d: {name: c, out_channels: 1, kernel_size: =in_length // 2}"
    sizes = sizes_of(spec(layers, "[3, 8]"), 12)
    assert [(each.layer, each.sizes, each.own) for each in sizes.maps] == [("c", (), (5,))]
    assert sizes.works.members == tuple(range(2, 13))


def test_what_drops_is_told_without_a_formula_too() -> None:
    layers = """
        - upsample: {name: up, scale_factor: 1.5}
        - max_pool1d: {name: pool, kernel_size: 2}
        - upsample: {like: up}
    """
    sizes = sizes_of(spec(layers, "[3, 8]"), 9)
    assert [(each.layer, each.sizes, each.drops_first.members) for each in sizes.maps] == [
        ("pool", (), (2, 5, 6, 9)),
        ("upsample_1", (), ()),
    ]


def test_plain_values_and_records() -> None:
    sizes = sizes_of("lenet", 40)
    told = sizes.to_dict()
    assert told["inputs"] == {"input": [1, 28, 28]}
    assert (told["tried"], told["smallest"], told["works_from"]) == ([1, 40], 16, 16)
    assert told["fits"] == [{"first": 28, "last": 28, "step": 0, "width": 1}]
    assert told["refused"]["at"] == "pool2 (max_pool2d)"
    records: dict[int, dict[str, Any]] = {record["size"]: record for record in sizes.records()}
    assert [size for size, record in records.items() if record["works"]] == list(sizes.works.members)
    assert [size for size, record in records.items() if record["fits"]] == list(sizes.fits.members)
    assert records[30]["dropping"] == "pool2"


def expanded(found: SizeSet) -> list[int]:
    """What the blocks of a set say, size by size."""
    starts = [
        (start, block)
        for block in found.blocks
        for start in (range(block.first, block.last + 1, block.step) if block.step else [block.first])
    ]
    return sorted(size for start, block in starts for size in range(start, min(start + block.width, block.last + 1)))


@given(st.sets(st.integers(1, 60)))
def test_blocks_are_the_set(members: set[int]) -> None:
    assert expanded(SizeSet(sorted(members), range(1, 61))) == sorted(members)


@given(st.integers(1, 20), st.sets(st.integers(0, 11), min_size=1), st.integers(2, 12))
def test_a_period_is_found(first: int, rests: set[int], period: int) -> None:
    tried = range(1, 200)
    members = [size for size in tried if size >= first and size % period in rests]
    found = SizeSet(members, tried)
    assert expanded(found) == members
    assert len(found.blocks) <= max(4, period)


DENSE = """
    - conv2d: {name: down, out_channels: 4, kernel_size: 3, padding: 1, stride: 2}
    - conv_transpose2d: {name: up, out_channels: 4, kernel_size: 2, stride: 2}
"""


def test_an_output_as_large_as_the_input() -> None:
    sizes = sizes_of(spec(DENSE, "[3, 64, 64]"), 70)
    assert sizes.as_large is not None
    assert sizes.as_large.members == sizes.fits.members == tuple(range(2, 71, 2))
    assert (63 in sizes.works, 63 in sizes.drops_nothing, 64 in sizes.fits) == (True, True, True)


def test_an_output_that_is_smaller_in_the_spec_is_not_asked_for() -> None:
    assert sizes_of(spec(DENSE, "[3, 63, 63]"), 70).as_large is None
    assert sizes_of(spec("- conv2d: {out_channels: 4, kernel_size: 3}", "[3, 64, 64]"), 70).as_large is None


TOKENS = "- multihead_attention: {num_heads: 4}"
EMBEDDED = "- embedding: {num_embeddings: 9, embedding_dim: 8}\n" + TOKENS


@pytest.mark.parametrize(
    ("layers", "input", "axes"),
    [
        (TOKENS, "[16, 8]", (0,)),
        ("- layer_norm\n- relu\n" + TOKENS, "[16, 8]", (0,)),
        (EMBEDDED, "[16]", (0,)),
        ("- conv1d: {out_channels: 2, kernel_size: 3}", "[16, 8]", (1,)),
        ("- conv2d: {out_channels: 2, kernel_size: 3, leading_axes: 1}", "[4, 3, 8, 8]", (2, 3)),
    ],
)
def test_what_varies(layers: str, input: str, axes: tuple[int, ...]) -> None:
    sizes = sizes_of(spec(layers, input), 20, first=4)
    assert sizes.axes == {"input": axes}
    assert sizes.fits.members == tuple(range(4, 21))


def test_a_table_of_positions_fits_one_number_of_tokens() -> None:
    assert sizes_of(spec("- positional_embedding\n" + TOKENS, "[16, 8]"), 20).fits.members == (16,)


def test_a_vector_of_features_has_nothing_to_vary() -> None:
    with pytest.raises(convcalc.UsageError, match="no spatial axis"):
        sizes_of(spec("- linear: {out_features: 2}", "[16]"), 20)
