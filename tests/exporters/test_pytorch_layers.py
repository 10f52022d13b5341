"""Layers that PyTorch does not have compute what they say: compared with loops over positions and channels."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import run, source_of_text, torch

# The padded map is 2 x 6 x 7; the output has 4 x 5 positions, or 2 x 3 with stride 2.
HEAD = "input: [2, 4, 5]\nlayers:\n  - conv2d: {name: conv, out_channels: 4, kernel_size: 3, padding: 1, "


def windows(image: Any, stride: int) -> Any:
    """The position and the window of each output, for a kernel of 3 with padding 1."""
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1))
    rows, columns = (size // stride + size % stride for size in image.shape[-2:])
    if stride == 2:
        rows, columns = (image.shape[-2] - 1) // 2 + 1, (image.shape[-1] - 1) // 2 + 1
    for row, column in itertools.product(range(rows), range(columns)):
        top, left = row * stride, column * stride
        yield (row, column), (rows, columns), padded[:, top : top + 3, left : left + 3]


def by_loop(module: Any, image: Any, stride: int, groups: int, number: Any) -> Any:
    """The output of one sample, position by position and channel by channel; `number` gives the set of weights."""
    outputs: dict[tuple[int, int, int], Any] = {}
    for (row, column), shape, window in windows(image, stride):
        weights = module.weight[number((row, column), shape)]
        for channel in range(4):
            first = channel // (4 // groups) * (2 // groups)
            read = window[first : first + 2 // groups]
            value = (read * weights[channel]).sum()
            if module.bias is not None:
                biases = module.bias
                value = value + biases[number((row, column), shape) if len(biases) > 1 else 0, channel]
            outputs[channel, row, column] = value
    rows, columns = max(key[1] for key in outputs) + 1, max(key[2] for key in outputs) + 1
    return torch.stack([outputs[key] for key in sorted(outputs)]).reshape(4, rows, columns)


def own(place: tuple[int, int], shape: tuple[int, int]) -> int:
    return place[0] * shape[1] + place[1]


def tile(place: tuple[int, int], shape: tuple[int, int]) -> int:
    return place[0] % 2 * 3 + place[1] % 3


def region(place: tuple[int, int], shape: tuple[int, int]) -> int:
    return place[0] * 2 // shape[0] * 2 + place[1] * 2 // shape[1]


CASES = {
    "none": ("sharing: none", own), "none, bias of channels": ("sharing: none, bias: per_channel", own),
    "none, no bias": ("sharing: none, bias: false", own), "tile": ("sharing: {tile: [2, 3]}", tile),
    "regions": ("sharing: {regions: [2, 2]}", region),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_unshared_weights(case: str, stride: int, groups: int) -> None:
    sharing, number = CASES[case]
    module = run(source_of_text(f"{HEAD}stride: {stride}, groups: {groups}, {sharing}}}"))
    for parameter in module.parameters():
        parameter.data.normal_()
    image = torch.randn(2, 4, 5)
    expected = by_loop(module.conv, image, stride, groups, number)
    torch.testing.assert_close(module(image[None])[0], expected)


def test_a_connection_table() -> None:
    table = [[0], [1], [0, 1], [1]]
    module = run(source_of_text(f"{HEAD}connection_table: {table}}}"))
    module.conv.bias.data.normal_()
    image = torch.randn(1, 2, 4, 5)
    dense = torch.zeros(4, 2, 3, 3)
    entries = [(channel, read) for channel, row in enumerate(table) for read in row]
    for entry, (channel, read) in enumerate(entries):
        dense[channel, read] = module.conv.weight[entry]
    expected = torch.nn.functional.conv2d(image, dense, module.conv.bias, padding=1)
    torch.testing.assert_close(module(image), expected)


def test_a_bias_for_each_position() -> None:
    module = run(source_of_text(f"{HEAD}bias: per_position}}"))
    module.conv.bias.data.normal_()
    image = torch.randn(1, 2, 4, 5)
    expected = torch.nn.functional.conv2d(image, module.conv.weight, padding=1) + module.conv.bias
    torch.testing.assert_close(module(image), expected)


@pytest.mark.parametrize(("strict", "kept"), [("true", 5), ("strict", 4)])
def test_a_masked_convolution_reads_what_is_before(strict: str, kept: int) -> None:
    module = run(source_of_text(f"{HEAD}causal: {strict}, bias: false}}"))
    module.conv.weight.data.fill_(1)
    image = torch.zeros(1, 2, 4, 5)
    image[:, :, 2, 2] = 1
    assert int((module(image)[0, 0] != 0).sum()) == kept


def test_frozen_and_shared_parameters() -> None:
    text = """
    input: [4, 8, 8]
    blocks: {unit: {layers: [conv2d: {name: conv, out_channels: 4, kernel_size: 3, padding: 1}, relu]}}
    layers:
      - unit: {name: first, trainable: false}
      - unit: {name: second, tied: first}
      - unit: {name: third}
    """
    module = run(source_of_text(text))
    assert module.first.conv.weight is module.second.conv.weight
    assert not module.second.conv.weight.requires_grad
    assert module.third.conv.weight.requires_grad


def test_what_some_copies_leave_out() -> None:
    text = """
    input: [4, 8, 8]
    blocks:
      unit:
        params: {out: null, skip: =in_channels == out}
        layers:
          - conv2d: {name: conv, out_channels: =out, kernel_size: 3, padding: 1}
          - add: {from: [conv, input], when: =skip}
    layers:
      - unit: {name: stage, rows: [[out], [4], [6], [6]]}
    """
    source = source_of_text(text)
    assert source.count("class ") == 2
    assert "self.has_add = in_channels == out" in source
    assert run(source)(torch.zeros(1, 4, 8, 8)).shape == (1, 6, 8, 8)
