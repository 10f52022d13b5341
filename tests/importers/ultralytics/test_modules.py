"""The modules of Ultralytics, one row each: parameters by the formulas of their papers, and the output's shape."""

from __future__ import annotations

import pytest

from convcalc.agreement import differences
from convcalc.api import analyse, loads
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.specs import spec_text
from convcalc.importers.ultralytics.reader import read_source
from convcalc.report.report import Report
from convcalc.text.source import Source


def conv(before: int, after: int, kernel: int = 1, groups: int = 1) -> int:
    """A convolution without a bias, and its batch norm."""
    return before * after * kernel**2 // groups + 2 * after


def bottleneck(channels: int, first: int = 3) -> int:
    return conv(channels, channels, first) + conv(channels, channels, 3)


def csp(channels: int, inner: int, out: int, number: int) -> int:
    """C3: three 1x1 convolutions and a chain of bottlenecks."""
    return 2 * conv(channels, inner) + number * bottleneck(inner, 1) + conv(2 * inner, out)


def text_of(*rows: str, head: str = "", keys: str = "nc: 4") -> str:
    listed = "".join(f"  - {row}\n" for row in rows)
    first, last = "[-1, 1, Conv, [16, 3, 2]]", head or "[-1, 1, nn.Identity, []]"
    return f"{keys}\nimgsz: 32\nbackbone:\n  - {first}\n{listed}head:\n  - {last}\n"


def network_of(text: str, scale: str | None = None) -> ForeignNetwork:
    return read_source(Source("net.yaml", text), scale, None)


def checked(text: str, scale: str | None = None) -> Report:
    """The report of the spec that a text becomes, which must be as the network that was read."""
    network = network_of(text, scale)
    for flat in (True, False):
        graph = loads(spec_text(network, flat=flat))
        assert differences(graph, network) == []
    return analyse(graph)


STEM = conv(3, 16, 3)


def params_of(text: str, scale: str | None = None) -> int:
    """The parameters after the first convolution."""
    params = checked(text, scale).totals.params
    assert params is not None
    return params - STEM


# A row after a map of [16, 16, 16], its parameters, and its output.
ROWS = {
    "[-1, 1, Conv, [32, 3, 2]]": (conv(16, 32, 3), [32, 8, 8]),
    "[-1, 1, Conv, [32, 3, 1, None, 2, 2]]": (conv(16, 32, 3, 2), [32, 16, 16]),
    "[-1, 1, Conv, [24, 1, 1, None, 1, 1, False]]": (conv(16, 24), [24, 16, 16]),
    "[-1, 2, Conv, [16, 3]]": (2 * conv(16, 16, 3), [16, 16, 16]),
    "[-1, 1, DWConv, [24, 3]]": (conv(16, 24, 3, 8), [24, 16, 16]),
    "[-1, 1, nn.Conv2d, [8, 3, 1, 1]]": (16 * 8 * 9 + 8, [8, 16, 16]),
    "[-1, 1, nn.ConvTranspose2d, [8, 2, 2]]": (16 * 8 * 4 + 8, [8, 32, 32]),
    "[-1, 1, ConvTranspose, [8, 2, 2]]": (16 * 8 * 4 + 16, [8, 32, 32]),
    "[-1, 1, nn.Upsample, [None, 2, nearest]]": (0, [16, 32, 32]),
    "[-1, 1, nn.MaxPool2d, [2, 2]]": (0, [16, 8, 8]),
    "[-1, 1, nn.MaxPool2d, [2, 1, 0]]": (0, [16, 15, 15]),
    "[-1, 1, nn.ZeroPad2d, [[0, 1, 2, 0]]]": (0, [16, 18, 17]),
    "[-1, 1, nn.BatchNorm2d, []]": (32, [16, 16, 16]),
    "[-1, 1, Focus, [8, 3]]": (conv(64, 8, 3), [8, 8, 8]),
    "[-1, 1, Bottleneck, [16]]": (conv(16, 8, 3) + conv(8, 16, 3), [16, 16, 16]),
    "[-1, 3, BottleneckCSP, [16]]": (
        conv(16, 8) + 2 * 8 * 8 + 8 * 8 + 3 * bottleneck(8) + 32 + conv(16, 16), [16, 16, 16],
    ),
    "[-1, 2, C1, [16]]": (conv(16, 16) + 2 * conv(16, 16, 3), [16, 16, 16]),
    "[-1, 2, C2, [16]]": (conv(16, 16) + 2 * bottleneck(8) + conv(16, 16), [16, 16, 16]),
    "[-1, 2, C2f, [16, True]]": (conv(16, 16) + 2 * bottleneck(8) + conv(32, 16), [16, 16, 16]),
    "[-1, 3, C3, [32]]": (csp(16, 16, 32, 3), [32, 16, 16]),
    "[-1, 1, C3x, [16]]": (2 * conv(16, 8) + 2 * (8 * 8 * 3 + 16) + conv(16, 16), [16, 16, 16]),
    "[-1, 1, GhostConv, [16, 3, 2]]": (conv(16, 8, 3) + conv(8, 8, 5, 8), [16, 8, 8]),
    "[-1, 1, GhostBottleneck, [16, 3, 2]]": (
        conv(16, 4) + conv(4, 4, 5, 4) + conv(8, 8, 3, 8) + conv(8, 8) + conv(8, 8, 5, 8)
        + conv(16, 16, 3, 16) + conv(16, 16), [16, 8, 8],
    ),
    "[-1, 1, C3Ghost, [32]]": (
        2 * conv(16, 16) + conv(16, 4) + conv(4, 4, 5, 4) + conv(8, 8) + conv(8, 8, 5, 8) + conv(32, 32), [32, 16, 16],
    ),
    "[-1, 1, SPP, [16, [3, 5]]]": (conv(16, 8) + conv(24, 16), [16, 16, 16]),
    "[-1, 1, SPPF, [16, 5]]": (conv(16, 8) + conv(32, 16), [16, 16, 16]),
    "[-1, 1, SPPELAN, [16, 8]]": (conv(16, 8) + conv(32, 16), [16, 16, 16]),
    "[-1, 1, SCDown, [24, 3, 2]]": (conv(16, 24) + conv(24, 24, 3, 24), [24, 8, 8]),
    "[-1, 1, AConv, [24]]": (conv(16, 24, 3), [24, 8, 8]),
    "[-1, 1, ADown, [24]]": (conv(8, 12, 3) + conv(8, 12), [24, 8, 8]),
    "[-1, 1, ELAN1, [24, 16, 8]]": (conv(16, 16) + 2 * conv(8, 8, 3) + conv(32, 24), [24, 16, 16]),
    "[-1, 1, RepNCSPELAN4, [24, 16, 8, 1]]": (
        conv(16, 16) + conv(32, 24) + 2 * (2 * conv(8, 4) + 2 * conv(4, 4, 3) + conv(4, 4) + conv(8, 8)
        + conv(8, 8, 3)), [24, 16, 16],
    ),
    "[-1, 1, C2fCIB, [16, True]]": (
        conv(16, 16) + conv(24, 16) + 2 * conv(8, 8, 3, 8) + conv(8, 16) + conv(16, 16, 3, 16) + conv(16, 8),
        [16, 16, 16],
    ),
    "[-1, 1, C2fCIB, [16, True, True]]": (
        conv(16, 16) + conv(24, 16) + 2 * conv(8, 8, 3, 8) + conv(8, 16) + conv(16, 8)
        + conv(16, 16, 7, 16) + conv(16, 16, 3, 16), [16, 16, 16],
    ),
    "[-1, 1, RepC3, [16]]": (2 * conv(16, 16) + conv(16, 16, 3) + conv(16, 16), [16, 16, 16]),
    "[-1, 1, PSA, [16]]": (  # one head of 8 values and 4 keys
        2 * conv(16, 16) + conv(8, 16) + conv(8, 8) + conv(8, 8, 3, 8) + 2 * 8 * 16 + 32 + 16, [16, 16, 16],
    ),
    "[-1, 1, HGStem, [8, 16]]": (
        conv(16, 8, 3) + conv(8, 4, 2) + conv(4, 8, 2) + conv(16, 8, 3) + conv(8, 16), [16, 4, 4],
    ),
    "[-1, 2, HGBlock, [8, 16, 3]]": (conv(16, 8, 3) + conv(8, 8, 3) + conv(32, 8) + conv(8, 16), [16, 16, 16]),
    "[-1, 1, HGBlock, [8, 16, 5, True, True]]": (
        conv(16, 8) + conv(8, 8, 5, 8) + conv(24, 8) + conv(8, 16), [16, 16, 16],
    ),
    "[-1, 1, ResNetLayer, [16, 8, 2, False, 2]]": (
        conv(16, 8) + conv(8, 8, 3) + 2 * conv(8, 32) + conv(16, 32) + conv(32, 8) + conv(8, 8, 3), [32, 8, 8],
    ),
    "[-1, 2, C3TR, [32]]": (
        2 * conv(16, 16) + conv(32, 32) + 16 * 16 + 16 + 2 * (9 * 16 * 16 + 4 * 16), [32, 16, 16],
    ),
    "[-1, 1, AIFI, [24, 2]]": (4 * 16 * 16 + 4 * 16 + 2 * 16 * 24 + 24 + 16 + 4 * 16, [16, 16, 16]),
    "[-1, 1, Classify, [nc]]": (conv(16, 1280) + 1280 * 4 + 4, [4]),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_module_has_the_parameters_of_its_formula(row: str) -> None:
    params, shape = ROWS[row]
    report = checked(text_of(row))
    assert params_of(text_of(row)) == params
    assert list(report.rows[-1].output_shape) == shape


@pytest.mark.parametrize(
    ("row", "params"),
    [
        ("[-1, 1, C3k2, [16, False]]", conv(16, 16) + conv(8, 4, 3) + conv(4, 8, 3) + conv(24, 16)),
        ("[-1, 1, C3k2, [16, True]]", conv(16, 16) + csp(8, 4, 8, 0) + 2 * bottleneck(4) + conv(24, 16)),
    ],
)
def test_units_of_c3k2_are_bottlenecks_or_small_c3(row: str, params: int) -> None:
    keys = "nc: 4\nscales: {n: [1, 1, 1024]}"
    assert params_of(text_of(row, keys=keys)) == params


def test_units_of_c3k2_are_small_c3_at_the_larger_scales() -> None:
    keys = "nc: 4\nscales: {n: [1, 1, 1024], m: [1, 1, 1024]}"
    written, larger = "[-1, 1, C3k2, [16, False]]", "[-1, 1, C3k2, [16, True]]"
    plain = params_of(text_of(larger, keys=keys), "n")
    assert params_of(text_of(written, keys=keys), "m") == plain


def test_area_attention_cuts_the_positions_into_runs() -> None:
    keys = "nc: 4\nscales: {n: [1, 1, 1024]}"
    row = "[-1, 1, A2C2f, [64, True, 4]]"
    block = conv(32, 96) + conv(32, 32) + conv(32, 32, 7, 32) + 2 * (32 * 64) + 128 + 64
    report = checked(text_of(row, keys=keys))
    assert params_of(text_of(row, keys=keys)) == conv(16, 32) + 2 * block + conv(64, 64)
    # Two blocks: 4 areas of 64 positions, queries with keys and weights with values, 32 features.
    products = sum(each.macs or 0 for each in report.rows if each.type == "scaled_dot_product_attention")
    assert products == 2 * 2 * 4 * 64 * 64 * 32


def test_a_fused_map_is_the_sum_at_the_size_of_the_last_input() -> None:
    text = text_of("[-1, 1, CBLinear, [[8, 24]]]", "[0, 1, Conv, [24, 3, 2]]", head="[[1, 2], 1, CBFuse, [[1]]]")
    report = checked(text)
    assert params_of(text) == 16 * 32 + 32 + conv(16, 24, 3)
    assert list(report.rows[-1].output_shape) == [24, 8, 8]


def test_rows_are_joined_along_the_channels() -> None:
    report = checked(text_of("[-1, 1, Conv, [8, 1]]", head="[[-1, 0], 1, Concat, [1]]"))
    assert list(report.rows[-1].output_shape) == [24, 16, 16]


def test_an_activation_of_the_file_replaces_the_usual_one() -> None:
    network = network_of(text_of("[-1, 1, Conv, [8]]", keys="nc: 4\nactivation: torch.nn.LeakyReLU(0.1)"))
    assert [each.type for each in network.operations if each.type in ("silu", "leaky_relu")] == ["leaky_relu"] * 2
    assert network.operations[2].parameters == {"negative_slope": 0.1}
