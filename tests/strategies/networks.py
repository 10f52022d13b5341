"""Random networks of 5 to 40 layers, as specs: containers, blocks, repeats, merges and heads among layers of all kinds.

Every entry is legal by construction: its sizes and channels are known from the expansion, entry by entry.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import gcd
from typing import Any

from hypothesis import strategies as st

from tests.proof.expansion import Entry, Expansion, Formula, Scope, Shape

LONGEST = {1: 40, 2: 14}
"""No map grows past these sizes, lest the boolean probe take long."""
KEEPING_ACTIVATIONS = ("relu", "gelu", "silu", "prelu", "leaky_relu", "hardswish", "dropout", "identity")


@dataclass(frozen=True, repr=False)
class Network:
    """A spec, and the layers that it means; it prints as the spec, ready to be saved and run."""

    text: str
    input: Shape
    expansion: Expansion

    def __repr__(self) -> str:
        return f"Network(\n{self.text})"


@dataclass
class Draft:
    """A list of entries in the making: of the network, or of a container's or a block's body."""

    draw: st.DrawFn
    shape: Shape
    """Of the last entry's output."""
    blocks: dict[str, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.expansion = Expansion({"input": self.shape}, self.blocks)
        self.scope = Scope(names={"input": "input"})
        self.last = "input"

    @property
    def rank(self) -> int:
        return len(self.shape) - 1

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def sizes(self) -> Shape:
        return self.shape[1:]

    def add(self, kind: str, **params: Any) -> str:
        """Appends an entry, which reads the one before unless it says `source`, and gives its name."""
        if (source := params.pop("source", None)) is not None:
            params = {"from": source, **params}
        entry = {kind: {"name": f"n{next(self.numbers)}", **params}}
        self.last = self.expansion.entry(entry, self.scope, self.last)
        self.shape = self.expansion.shapes[self.last]
        self.entries.append(entry)
        return str(entry[kind]["name"])

    def body(self) -> Draft:
        """An empty body that reads what the next entry of this draft will read."""
        return Draft(self.draw, self.shape, self.blocks, self.numbers)

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def per_axis(self, number: Callable[[], Any]) -> Any:
        """One number for all axes, or a list with one for each."""
        return number() if self.chance() else [number() for _ in range(self.rank)]

    def groups(self, out_channels: int) -> int:
        """A number of groups that divides the channels on both sides."""
        common = gcd(self.channels, out_channels)
        return int(self.pick(*(number for number in range(1, common + 1) if common % number == 0)))


Step = Callable[[Draft], object]


# --- Layers that leave the size of a map as it is. ---


def same_convolution(draft: Draft, out_channels: Any = None) -> None:
    kernel, dilation = draft.pick(1, 3, 3, 5), draft.pick(1, 1, 2)
    params: dict[str, Any] = {"kernel_size": kernel, "dilation": dilation, "bias": draft.chance()}
    params["padding"] = draft.pick("same", dilation * (kernel - 1) // 2)
    if out_channels is None and draft.chance():
        depthwise = Formula("=in_channels", lambda values: values["in_channels"])
        draft.add(f"conv{draft.rank}d", out_channels=depthwise, groups=depthwise, **params)
        return
    out_channels = out_channels or draft.number(1, 8)
    draft.add(f"conv{draft.rank}d", out_channels=out_channels, groups=draft.groups(out_channels), **params)


def normalisation(draft: Draft) -> None:
    rank = draft.rank
    if draft.chance() and draft.chance():
        draft.add("layer_scale")
        return
    kinds = [f"batch_norm{rank}d", f"batch_norm{rank}d", "local_response_norm", *["layer_norm2d"] * (rank == 2)]
    if max(draft.sizes) > 1:  # PyTorch does not normalise a single value
        kinds += ["group_norm", f"instance_norm{rank}d"]
    kind = draft.pick(*kinds)
    wanted: dict[str, Any] = {"group_norm": {"num_groups": draft.groups(draft.channels)}}
    affine = {"affine": draft.chance()}
    draft.add(kind, **wanted.get(kind, {}), **({"size": 3} if kind == "local_response_norm" else affine))


def activation(draft: Draft) -> None:
    draft.add(draft.pick(*KEEPING_ACTIVATIONS))


def same_pooling(draft: Draft) -> None:
    draft.add(f"{draft.pick('max', 'avg')}_pool{draft.rank}d", kernel_size=3, stride=1, padding=1)


KEEPING: tuple[Step, ...] = (same_convolution, same_convolution, normalisation, activation, activation, same_pooling)


def keeping(draft: Draft, layers: int, out_channels: int | None = None) -> list[Entry]:
    """The entries of a body that keeps the map's size, and ends in a convolution if channels are asked for."""
    body = draft.body()
    for _ in range(layers):
        draft.pick(*KEEPING)(body)
    if out_channels is not None:
        same_convolution(body, out_channels)
    return body.entries


# --- Layers that change it. ---


def convolution(draft: Draft) -> None:
    kernel = draft.per_axis(lambda: draft.number(1, min(4, *draft.sizes)))
    out_channels = draft.number(1, 8)
    params: dict[str, Any] = {"kernel_size": kernel, "stride": draft.per_axis(lambda: draft.pick(1, 1, 2, 3))}
    # At most 1 cell, so that no window lies outside the map; a window of 1 gets none.
    pad = 1 if (kernel if isinstance(kernel, int) else min(kernel)) > 1 else 0
    params["padding"] = draft.pick(
        "same", "valid", pad, [[draft.number(0, pad), draft.number(0, pad)] for _ in range(draft.rank)]
    )
    draft.add(f"conv{draft.rank}d", out_channels=out_channels, groups=draft.groups(out_channels), **params)


def pooling(draft: Draft) -> None:
    kind = draft.pick("max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool")
    if kind.startswith("adaptive"):
        sizes = [draft.number(1, size) for size in draft.sizes]
        draft.add(f"{kind}{draft.rank}d", output_size=sizes)
        return
    kernel = min(draft.number(2, 4), *draft.sizes)
    params = {"padding": draft.number(0, kernel // 2), "ceil_mode": draft.chance()}
    if draft.chance():
        params["stride"] = draft.per_axis(lambda: draft.number(1, 3))
    draft.add(f"{kind}{draft.rank}d", kernel_size=kernel, **params)


def transposed(draft: Draft) -> None:
    stride = draft.pick(1, 2, 2, 3)
    # A kernel at least as long as the stride, and extra cells only where padding cut as many: no unit is blind.
    kernel = draft.number(max(stride, 2), 4)
    padding = draft.number(0, (kernel - 1) // 2)
    extra = draft.number(0, min(padding, stride - 1))
    out_channels = draft.number(1, 6)
    draft.add(
        f"conv_transpose{draft.rank}d", out_channels=out_channels, kernel_size=kernel, stride=stride, padding=padding,
        output_padding=extra, groups=draft.groups(out_channels), bias=draft.chance(),
    )  # fmt: skip


def resizing(draft: Draft) -> None:
    mode = draft.pick("nearest", {1: "linear", 2: "bilinear"}[draft.rank], *["bicubic"] * (draft.rank == 2))
    params: dict[str, Any] = {"scale_factor": 2} if draft.chance() else {
        "size": [draft.number(2, LONGEST[draft.rank]) for _ in draft.sizes]
    }  # fmt: skip
    draft.add("upsample", mode=mode, **params, **({"align_corners": draft.chance()} if mode != "nearest" else {}))


def shuffling(draft: Draft) -> None:
    same_convolution(draft, 4 * draft.number(1, 2))
    draft.add("pixel_shuffle", upscale_factor=2)


def padding(draft: Draft) -> None:
    # Cells that repeat the border: no unit sees zeros alone.
    draft.add("pad", padding=[[draft.number(0, 3), draft.number(0, 3)] for _ in range(draft.rank)], mode="replicate")


# --- Containers, blocks, and entries that read more than one. ---


def residual(draft: Draft) -> None:
    layers = keeping(draft, draft.number(0, 2), draft.channels)
    repeat = {"repeat": draft.number(1, 3)} if draft.chance() else {}
    draft.add("residual", **repeat, layers=layers)


def parallel(draft: Draft) -> None:
    merge = draft.pick("concat", "concat", "add", "mul")
    out = draft.number(1, 4) if merge != "concat" else None
    branches = [keeping(draft, draft.number(0, 2), out or draft.number(1, 4)) for _ in range(draft.number(2, 3))]
    if merge == "concat" and draft.chance():
        branches.append([])
    draft.add("parallel", merge=merge, branches=branches)


def sequential(draft: Draft) -> None:
    # What repeats must be able to read its own output: the channels return to what they were.
    draft.add("sequential", repeat=draft.number(1, 3), layers=keeping(draft, draft.number(0, 1), draft.channels))


def unit(draft: Draft) -> None:
    """A block of residual units, of which the first widens and strides, repeated."""
    width, stride = draft.number(1, 8), draft.pick(1, 2)
    name, conv = f"unit{next(draft.numbers)}", f"conv{draft.rank}d"
    of_width = Formula("=width", lambda values: values["width"])
    of_stride = Formula("=stride", lambda values: values["stride"])
    first = Formula(f"={stride} if index == 0 else 1", lambda values: stride if values["index"] == 0 else 1)
    window = {"out_channels": of_width, "kernel_size": 3, "stride": of_stride, "padding": 1, "bias": False}
    body: list[Entry] = [{conv: {"name": "conv", **window}}, {f"batch_norm{draft.rank}d": {"name": "norm"}}]
    shortcut = [{conv: {"name": "project", "out_channels": of_width, "kernel_size": 1, "stride": of_stride}}]
    layers = [{"residual": {"name": "sum", "layers": body, "shortcut": shortcut}}, {"relu": {"name": "act"}}]
    draft.blocks[name] = {"params": {"width": None, "stride": 1}, "layers": layers}
    draft.add(name, repeat=draft.number(1, 3), width=width, stride=first)


def widening(draft: Draft) -> None:
    """A repeated layer whose channels come from its index."""
    more = Formula("=2 * (index + 1)", lambda values: 2 * (values["index"] + 1))
    draft.add(f"conv{draft.rank}d", repeat=draft.number(1, 3), out_channels=more, kernel_size=1)


def gate(draft: Draft) -> None:
    """Squeeze and excite: a [C, 1, 1] gate, multiplied on."""
    channels, squeezed = draft.channels, Formula("=max(1, in_channels // 2)", lambda v: max(1, v["in_channels"] // 2))
    read = draft.add("identity")
    draft.add(draft.pick("global_avg_pool", "global_max_pool"))
    draft.add(f"conv{draft.rank}d", out_channels=squeezed, kernel_size=1)
    draft.add(f"conv{draft.rank}d", out_channels=channels, kernel_size=1)
    draft.add("mul", source=draft.draw(st.permutations([read, draft.add("sigmoid")])))


def learned(draft: Draft) -> None:
    """Factors or summands of a learned tensor: one for each channel, or for each cell."""
    read, shape = draft.add("identity"), draft.shape
    sizes = [shape[0], *(1,) * draft.rank] if draft.chance() else list(shape)
    sources = [read, draft.add("parameter", shape=sizes)]
    draft.add(draft.pick("add", "mul"), source=draft.draw(st.permutations(sources)))


def skip(draft: Draft) -> None:
    """Merges with an earlier map: an equal one, or one of the same size."""
    names, shape = draft.scope.names, draft.shape
    here = next(name for name, full in reversed(names.items()) if full == draft.last)
    fitting = [name for name, full in names.items() if draft.expansion.shapes[full][1:] == shape[1:]]
    other = draft.pick(*fitting)
    kinds = ["concat", *["add", "mul", "sub"] * (draft.expansion.shapes[names[other]] == shape)]
    draft.add(draft.pick(*kinds), source=[here, other])


CHANGING: tuple[Step, ...] = (convolution, convolution, pooling, pooling)
GROWING: tuple[Step, ...] = (transposed, transposed, resizing, padding)
COMPOSED: tuple[Step, ...] = (residual, parallel, sequential, unit, widening, gate, learned, skip)


def head(draft: Draft) -> None:
    """Flatten and linear layers, after a global pooling or not."""
    if draft.chance():
        draft.add("global_avg_pool")
    draft.add("flatten")
    for _ in range(draft.number(1, 2)):
        draft.add("linear", out_features=draft.number(1, 12), bias=draft.chance())


@st.composite
def networks(draw: st.DrawFn, rank: int) -> Network:
    """A network on a sequence (`rank` 1) or an image (2)."""
    shortest = 8 if rank == 1 else 6
    input = (draw(st.integers(1, 6)), *(draw(st.integers(shortest, LONGEST[rank])) for _ in range(rank)))
    draft, wanted = Draft(draw, input), draw(st.integers(4, 22))
    while len(draft.expansion.layers) < wanted:
        steps = KEEPING + COMPOSED + CHANGING
        if max(draft.sizes) < LONGEST[rank] // 2:
            steps += GROWING if rank == 1 else (*GROWING, shuffling)
        draft.pick(*steps)(draft)
    if len(draft.expansion.layers) < 5 or draft.chance():
        head(draft)
    spec: dict[str, Any] = {"input": list(input), "blocks": draft.blocks, "layers": draft.entries}
    return Network(written(spec), input, draft.expansion)


def written(spec: dict[str, Any]) -> str:
    """The spec as text, an entry a line; JSON is YAML too."""
    lines = [f"{key}:\n  {json.dumps(value)}" for key, value in spec.items() if key != "layers" and value]
    return "\n".join([*lines, "layers:", *(f"  - {json.dumps(entry)}" for entry in spec["layers"]), ""])
