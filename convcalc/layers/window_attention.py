"""Attention among the positions of a map that are cut into windows, or into a grid."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import Window, periodic
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term
from convcalc.layers.parameters import Boolean, Integer, PerAxis
from convcalc.layers.sequences import check_heads
from convcalc.layers.spatial import SpatialAxes

WINDOWS = Formula("ceil_div(height, window_height) * ceil_div(width, window_width)")
# How far apart, in rows and in columns, two cells of a window can be.
OFFSETS = "(2 * window_height - 1) * (2 * window_width - 1)"
PAIRS = "windows * cells * cells"
WEIGHTS = {"qkv": "3 * channels * channels", "proj": "channels * channels"}
BIASES = {"qkv": "3 * channels", "proj": "channels"}
SHIFT_SIZE = SpatialAxes(PerAxis(0, minimum=0, help="how many cells the windows are shifted; half of one in Swin"))


class PartitionAttention(Layer):
    """Self-attention within each part of a [H, W, C] map: within windows, unless `parts` gives other positions."""

    shift_size: Any = None  # the parts of a grid are not shifted
    num_heads = Integer(help="how many parts the channels are cut into, each attending for itself")
    window_size = SpatialAxes(PerAxis(help="height and width of a window, in cells"))
    qkv_bias = Boolean(True, help="whether the projection to queries, keys and values has a bias")
    proj_bias = Boolean(True, help="whether the projection of the result has a bias")

    def window(self) -> tuple[int, int]:
        """Height and width of a window."""
        height, width = PartitionAttention.window_size.settle(self.window_size, 2)
        return height, width

    def shift(self) -> tuple[int, int]:
        """How far the windows are moved down and to the right."""
        down, right = SHIFT_SIZE.settle(self.shift_size, 2)
        return down, right

    def check(self) -> None:
        if self.shift_size is None:
            return
        if any(shift >= window for shift, window in zip(self.shift(), self.window())):
            raise LayerError(
                "shift-too-large",
                f"shift_size {self.shift_size} is not below window_size {self.window_size}",
                parameter="shift_size",
                help="shifted by a whole window, the windows are where they were",
            )

    def parts(self, shape: Shape) -> tuple[Window, Window]:
        """What a position reads along the height and along the width."""
        # A single window is not shifted.
        down, right = (shift if size > window else 0 for size, window, shift in zip(shape, self.window(), self.shift()))
        height, width = self.window()
        return tiles(height, down), tiles(width, right)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        if len(shape) != 3:
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads a map with its channels last, [H, W, C], not the {{input}}",
                help="permute [C, H, W] with axes [1, 2, 0] first",
            )
        check_heads(shape[2], self.num_heads)
        return shape

    def terms(self) -> tuple[Term, ...]:
        counts = {f"{name}.weight": weights for name, weights in WEIGHTS.items()}
        counts |= {f"{name}.bias": BIASES[name] for name in BIASES if getattr(self, f"{name}_bias")}
        projections = (
            Term.fixed(name, Formula(count), Formula(f"windows * cells * {count}"), is_bias=name.endswith("bias"))
            for name, count in counts.items()
        )
        return (*projections, *self.position_terms())

    def position_terms(self) -> tuple[Term, ...]:
        """The learned bias of each pair of cells, by how far apart they are."""
        table = Formula(f"{OFFSETS} * num_heads")
        return (Term.fixed("relative_position_bias_table", table, Formula(f"{PAIRS} * num_heads")),)

    def buffers(self) -> dict[str, Formula]:
        return {"relative_position_index": Formula("cells * cells")}

    def multiply_accumulates(self) -> dict[str, Formula]:
        projections = {name: Formula(f"windows * cells * {weights}") for name, weights in WEIGHTS.items()}
        pairs = Formula(f"{PAIRS} * channels")
        return {**projections, "scores": pairs, "weighted values": pairs}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        (height, width, channels), (window_height, window_width) = output, self.window()
        values = {
            "in_units": elements(output),
            "out_units": elements(output),
            "height": height,
            "width": width,
            "channels": channels,
            "num_heads": self.num_heads,
            "window_height": window_height,
            "window_width": window_width,
            "cells": window_height * window_width,
        }
        return {**values, "windows": WINDOWS(values)}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((*(Link(axis, window) for axis, window in enumerate(self.parts(output))), None),)


class WindowAttention(PartitionAttention):
    """Each position attends to those of its window; the windows may be shifted, and are then cut at the border.

    Example:
        input: [56, 56, 96]
        layers:
          - window_attention: {window_size: 7, num_heads: 3, shift_size: 3}

    Shape:
        [H, W, C], kept; within, zeros fill the map up to whole windows

    Formulas:
        qkv                 3 · channels · channels weights and 3 · channels biases, where qkv_bias
        proj                channels · channels weights and channels biases, where proj_bias
        relative_position_bias_table
                            (2 · window_height - 1) · (2 · window_width - 1) · num_heads
        buffers             (window_height · window_width)^2: which entry of the table a pair of cells has
        macs                the projections at each cell of each window, padding included, and twice (scores,
                            weighted values) windows · cells^2 · channels, where a window has that many cells

    Errors:
        wrong-rank          the input is not [H, W, C]
        heads-do-not-divide  num_heads must divide the channels
        shift-too-large     shift_size is not below window_size

    Source:
        torchvision's ShiftedWindowAttention; Liu et al. 2021 (Swin).
    """

    shift_size = SHIFT_SIZE


class WindowAttentionV2(PartitionAttention):
    """Window attention by the cosine of query and key; a small network gives the bias of each pair of cells.

    Example:
        input: [64, 64, 96]
        layers:
          - window_attention_v2: {window_size: 8, num_heads: 3, shift_size: 4}

    Shape:
        [H, W, C], kept; within, zeros fill the map up to whole windows

    Formulas:
        qkv, proj           as window_attention; the biases of the keys are held, and kept at zero
        v2_logit_scale      num_heads
        cpb_mlp             2 · 512 weights and 512 biases, then 512 · num_heads weights
        buffers             relative_coords_table, 2 for each of the (2 · window_height - 1) · (2 · window_width - 1)
                            offsets, and the index of window_attention
        macs                as window_attention, and cpb_mlp once for each offset

    Errors:
        wrong-rank          the input is not [H, W, C]
        heads-do-not-divide  num_heads must divide the channels
        shift-too-large     shift_size is not below window_size

    Source:
        torchvision's ShiftedWindowAttentionV2; Liu et al. 2022 (Swin V2).
    """

    shift_size = SHIFT_SIZE

    def position_terms(self) -> tuple[Term, ...]:
        network = {"cpb_mlp.0.weight": "2 * 512", "cpb_mlp.0.bias": "512", "cpb_mlp.2.weight": "512 * num_heads"}
        return (
            Term.fixed("v2_logit_scale", Formula("num_heads"), Formula(f"{PAIRS} * num_heads")),
            *(
                Term.fixed(name, Formula(count), Formula(f"{OFFSETS} * {count}"), is_bias=name.endswith("bias"))
                for name, count in network.items()
            ),
        )

    def buffers(self) -> dict[str, Formula]:
        return {"relative_coords_table": Formula(f"2 * {OFFSETS}"), **super().buffers()}

    def multiply_accumulates(self) -> dict[str, Formula]:
        network = {"cpb_mlp.0": Formula(f"{OFFSETS} * 2 * 512"), "cpb_mlp.2": Formula(f"{OFFSETS} * 512 * num_heads")}
        return {**super().multiply_accumulates(), **network}


class GridAttention(PartitionAttention):
    """Each position attends to a grid of others that lie evenly over the whole map.

    Example:
        input: [56, 56, 64]
        layers:
          - grid_attention: {window_size: 7, num_heads: 2}

    Shape:
        [H, W, C], kept

    Formulas:
        as window_attention, for as many grids as there would be windows

    Errors:
        wrong-rank          the input is not [H, W, C]
        heads-do-not-divide  num_heads must divide the channels
        window-does-not-divide  window_size must divide the height and the width

    Source:
        torchvision's MaxVit, partition type `grid`; Tu et al. 2022 (MaxViT).
    """

    window_size = SpatialAxes(PerAxis(help="rows and columns of a grid"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = super().output_shape(inputs)
        if any(size % window for size, window in zip(shape, self.window())):
            raise LayerError(
                "window-does-not-divide",
                f"window_size {self.window_size} does not divide the height and the width of the {{input}}",
                parameter="window_size",
                help="a grid has to lie evenly: pad or resize the map first",
            )
        return shape

    def parts(self, shape: Shape) -> tuple[Window, Window]:
        height, width = self.window()
        return grid(shape[0], height), grid(shape[1], width)


@lru_cache(maxsize=256)
def tiles(size: int, shift: int) -> Window:
    """Each position reads its own tile; one of the tiles starts at `shift`.

    >>> tiles(4, 1).inside(0, 8), tiles(4, 1).inside(1, 8)
    ((0, 0, 1), (1, 4, 1))
    """
    return periodic(size, size, lambda place: _tile(size, shift if place >= shift else shift - size))


def _tile(size: int, start: int) -> tuple[int, int, int]:
    return start, start + size - 1, 1


@lru_cache(maxsize=256)
def grid(size: int, count: int) -> Window:
    """Each position reads `count` positions, itself among them, that lie evenly over an axis of this size.

    >>> grid(8, 2).at(5)
    (1, 5, 4)
    """
    step = size // count
    return periodic(step, 0, lambda place: (place, size - step + place, step))


TYPES = {
    "window_attention": LayerType("window_attention", WindowAttention),
    "window_attention_v2": LayerType("window_attention_v2", WindowAttentionV2),
    "grid_attention": LayerType("grid_attention", GridAttention),
}
