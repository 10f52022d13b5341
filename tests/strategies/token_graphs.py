"""Random graphs of maps that become tokens and maps again: folds, splits, class tokens, attention, slices and joins.

A tensor is [C, H, W], [C, L], [T, D], [H, W, C] or what a reshape makes of these: `channels` is the axis that carries
no positions. All have 4 channels, so that anything of one kind may be joined.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from hypothesis import strategies as st

from tests.oracles import token_probe as probe
from tests.oracles.boolean_probe import Sources, Transposed, Window
from tests.oracles.token_probe import Marks

CHANNELS = 4
LARGEST = 40
"""No tensor has more positions than these, lest the probe take long."""


class Tensor(NamedTuple):
    """A tensor of a graph: its axes without the batch, which of them holds the channels, and what it sees."""

    name: str
    channels: int
    marks: Marks

    def __repr__(self) -> str:
        return f"{self.name}: {list(self.shape)}"

    @property
    def lengths(self) -> tuple[int, ...]:
        """The shape, with the channels counted as one."""
        return self.marks.shape[probe.IMAGE :]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(CHANNELS if axis == self.channels else length for axis, length in enumerate(self.lengths))

    @property
    def positions(self) -> tuple[int, ...]:
        """The axes that hold no channels."""
        return tuple(axis for axis in range(len(self.lengths)) if axis != self.channels)


@dataclass(frozen=True, repr=False)
class TokenGraph:
    """A spec, and what every position of every layer sees; it prints as the spec, ready to be saved and run."""

    text: str
    tensors: tuple[Tensor, ...]

    def __repr__(self) -> str:
        return f"TokenGraph(\n{self.text})"


class Sketch:
    """A graph in the making."""

    def __init__(self, height: int, width: int) -> None:
        self.tensors = [Tensor("input", 0, probe.image(height, width))]
        self._lines = [f"input: {[CHANNELS, height, width]}", "layers:"]

    @classmethod
    def of_words(cls, length: int) -> Sketch:
        """A graph that reads the ids of words and looks up their vectors; for the probe a word is a row of pixels."""
        sketch = cls(length, 1)
        sketch._lines[0] = f"input: {[length]}"
        marks = probe.reshaped(sketch.tensors[0].marks, (length, 1))
        sketch.add("embedding", ["input"], 1, marks, num_embeddings=9, embedding_dim=CHANNELS)
        del sketch.tensors[0]  # it has no channels, so that no other layer reads it
        return sketch

    def add(self, kind: str, inputs: Sequence[str], channels: int, marks: Marks, **parameters: object) -> Tensor:
        tensor = Tensor(f"n{len(self._lines) - 1}", channels, marks)
        written = {"name": tensor.name, "from": inputs[0] if len(inputs) == 1 else list(inputs), **parameters}
        fields = ", ".join(f"{key}: {json.dumps(value)}" for key, value in written.items())
        self._lines.append(f"  - {kind}: {{{fields}}}")
        self.tensors.append(tensor)
        return tensor

    def untold(self, kind: str, read: str, **parameters: object) -> str:
        """A layer whose output is left out of the comparison, as where channels and positions share an axis."""
        name = f"u{len(self._lines) - 1}"
        fields = ", ".join(f"{key}: {json.dumps(value)}" for key, value in parameters.items())
        self._lines.append(f"  - {kind}: {{name: {name}, from: {read}, {fields}}}")
        return name

    def parameter(self, shape: Sequence[int]) -> str:
        """A learned tensor: it reads nothing, so that the probe has nothing to say of it."""
        name = f"p{len(self._lines) - 1}"
        self._lines.append(f"  - parameter: {{name: {name}, shape: {list(shape)}}}")
        return name

    def graph(self) -> TokenGraph:
        layers = [tensor for tensor in self.tensors if tensor.name != "input"]
        return TokenGraph("\n".join([*self._lines, ""]), tuple(layers))


Step = Callable[[st.DrawFn, Sketch, Tensor], Tensor]


# --- What any tensor can be read by. ---


def pointwise(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    kind = draw(st.sampled_from(("relu", "layer_scale", "positional_embedding")))
    given = {"axis": read.channels} if kind == "layer_scale" else {}
    return sketch.add(kind, [read.name], read.channels, read.marks, **given)


def weighed(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Merged with a learned tensor, of one number or of the whole shape."""
    learned = sketch.parameter(draw(st.sampled_from([(1,), read.shape])))
    kind = draw(st.sampled_from(("add", "mul")))
    return sketch.add(kind, draw(st.permutations((read.name, learned))), read.channels, read.marks)


def added(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Added to another tensor of its shape."""
    alike = [other for other in sketch.tensors if (other.shape, other.channels) == (read.shape, read.channels)]
    other = draw(st.sampled_from(alike))
    kind = draw(st.sampled_from(("add", "mul", "sub")))
    return sketch.add(kind, [read.name, other.name], read.channels, read.marks | other.marks)


def gated(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Multiplied with one position of a tensor of its kind."""
    alike = [o for o in sketch.tensors if (o.channels, len(o.shape)) == (read.channels, len(read.shape))]
    gate = draw(st.sampled_from(alike))
    for axis in gate.positions:
        if gate.lengths[axis] > 1:
            gate = _cut(draw, sketch, gate, axis, 1)
    return sketch.add("mul", draw(st.permutations((read.name, gate.name))), read.channels, read.marks | gate.marks)


def joined(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Concatenated with others of its kind, or with learned tokens, along the one axis of positions.

    Of several axes it is left out: what a unit sees along one would depend on its place along another.
    """
    if len(read.positions) > 1:
        return folded(draw, sketch, read)
    (axis,) = read.positions
    alike = [
        other
        for other in sketch.tensors
        if other.channels == read.channels
        and len(other.shape) == len(read.shape)
        and all(mine == theirs for at, (mine, theirs) in enumerate(zip(read.shape, other.shape)) if at != axis)
    ]
    parts: list[tuple[str, Marks]] = [(read.name, read.marks)]
    for other in draw(st.lists(st.sampled_from(alike), max_size=2)):
        parts.append((other.name, other.marks))
    if all(marks.shape[probe.IMAGE + axis] == 1 for _, marks in parts):
        # Where none of them has positions, nothing says whether tokens or channels are joined.
        return pointwise(draw, sketch, read)
    if len(parts) == 1 or draw(st.booleans()):
        length = draw(st.integers(1, 3))
        shape = [length if at == axis else size for at, size in enumerate(read.shape)]
        parts.append((sketch.parameter(shape), probe.blind(read.marks, axis, length)))
    parts = draw(st.permutations(parts))
    marks = probe.concatenated([marks for _, marks in parts], axis)
    return sketch.add("concat", [name for name, _ in parts], read.channels, marks, axis=axis)


def _cut(draw: st.DrawFn, sketch: Sketch, read: Tensor, axis: int, length: int) -> Tensor:
    start = draw(st.integers(0, read.lengths[axis] - length))
    marks = probe.reading(read.marks, axis, [[place] for place in range(start, start + length)])
    return sketch.add("slice", [read.name], read.channels, marks, axis=axis, start=start, stop=start + length)


def sliced(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    axis = draw(st.sampled_from(read.positions))
    length = draw(st.integers(1, read.lengths[axis]))
    return _cut(draw, sketch, read, axis, draw(st.sampled_from((1, length))))


def averaged(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """One position of all along an axis, by a linear layer that reads it as features, and the features alone after."""
    order = [axis for axis in range(len(read.shape)) if axis != (axis_ := read.positions[-1])] + [axis_]
    turned = sketch.add(
        "permute", [read.name], order.index(read.channels), probe.permuted(read.marks, order), axes=order
    )
    last = len(order) - 1
    marks = probe.any_of(turned.marks, last)
    return sketch.add("linear", [turned.name], turned.channels, marks, out_features=1)


def permuted(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """The axes in another order; most often the channels go from one end to the other."""
    rank = len(read.shape)
    others = list(read.positions)
    order = [*others, read.channels] if read.channels == 0 else [read.channels, *others]
    order = draw(st.one_of(st.just(order), st.permutations(range(rank))))
    marks = probe.permuted(read.marks, order)
    return sketch.add("permute", [read.name], order.index(read.channels), marks, axes=list(order))


def folded(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Neighbouring axes of positions as one."""
    runs = [
        (start, end)
        for start in range(len(read.shape))
        for end in range(start + 1, len(read.shape))
        if not start <= read.channels <= end
    ]
    if not runs:
        return permuted(draw, sketch, read)
    start, end = draw(st.sampled_from(runs))
    lengths = (*read.lengths[:start], prod(read.lengths[start : end + 1]), *read.lengths[end + 1 :])
    channels = read.channels - (end - start if read.channels > end else 0)
    marks = probe.reshaped(read.marks, lengths)
    return sketch.add("flatten", [read.name], channels, marks, start_axis=start, end_axis=end)


def split(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """An axis of positions as two."""
    cuts = [
        (axis, factor)
        for axis in read.positions
        for factor in range(2, read.lengths[axis])
        if read.lengths[axis] % factor == 0
    ]
    if not cuts or len(read.shape) > 4:
        return folded(draw, sketch, read)
    axis, factor = draw(st.sampled_from(cuts))
    pair = [factor, read.lengths[axis] // factor]
    lengths = (*read.lengths[:axis], *pair, *read.lengths[axis + 1 :])
    marks = probe.reshaped(read.marks, lengths)
    return sketch.add("unflatten", [read.name], read.channels + (read.channels > axis), marks, axis=axis, shape=pair)


def regrouped(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Two axes of positions side by side as two others, whose borders may lie anywhere."""
    pairs = [axis for axis in read.positions if axis + 1 in read.positions]
    if not pairs:
        return split(draw, sketch, read)
    axis = draw(st.sampled_from(pairs))
    count = read.lengths[axis] * read.lengths[axis + 1]
    first = draw(st.sampled_from([size for size in range(1, count + 1) if count % size == 0]))
    lengths = [*read.lengths[:axis], first, count // first, *read.lengths[axis + 2 :]]
    shape = [CHANNELS if at == read.channels else length for at, length in enumerate(lengths)]
    marks = probe.reshaped(read.marks, lengths)
    return sketch.add("reshape", [read.name], read.channels, marks, shape=shape)


def patched(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """The positions along one axis mixed with the channels, as those of a patch are embedded."""
    if len(read.positions) < 2:
        return pointwise(draw, sketch, read)
    axis = draw(st.sampled_from(read.positions))
    order = [other for other in read.positions if other != axis] + [axis, read.channels]
    turned = sketch.untold("permute", read.name, axes=order)
    flat = sketch.untold("flatten", turned, start_axis=len(order) - 2)
    marks = probe.any_of(probe.permuted(read.marks, order), len(order) - 2)
    marks = probe.reshaped(marks, [*marks.shape[probe.IMAGE :][:-2], 1])
    return sketch.add("linear", [flat], len(order) - 2, marks, out_features=CHANNELS)


ANY: tuple[Step, ...] = (
    pointwise,
    weighed,
    added,
    gated,
    joined,
    sliced,
    averaged,
    patched,
    permuted,
    folded,
    split,
    regrouped,
)


# --- What tokens, [T, D], can be read by. ---


def class_token(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    marks = probe.concatenated([probe.blind(read.marks, 0, 1), read.marks], 0)
    return sketch.add("class_token", [read.name], 1, marks)


def attention(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Of the tokens to each other, or to other tokens."""
    tokens = [other for other in sketch.tensors if other.channels == 1 and len(other.shape) == 2]
    other = draw(st.sampled_from([read, read, *tokens]))
    if other is read:
        if draw(st.booleans()):
            marks = probe.reading(read.marks, 0, _up_to_each(read))
            return sketch.add("multihead_attention", [read.name], 1, marks, num_heads=2, causal=True)
        return sketch.add("multihead_attention", [read.name], 1, probe.mixed(read.marks, 0), num_heads=2)
    marks = read.marks | probe.any_of(other.marks, 0)
    return sketch.add("multihead_attention", [read.name, other.name], 1, marks, num_heads=2)


def attention_within(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Of the positions along one axis to each other, separately at each place of the axes before it."""
    if read.channels != len(read.shape) - 1:
        return permuted(draw, sketch, read)
    axis = read.channels - 1
    return sketch.add("multihead_attention", [read.name], read.channels, probe.mixed(read.marks, axis), num_heads=2)


def recurrent(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    marks = probe.reading(read.marks, 0, _up_to_each(read))
    return sketch.add("lstm", [read.name], 1, marks, hidden_size=CHANNELS)


def _up_to_each(read: Tensor) -> Sources:
    """For each token, all tokens from the first to itself."""
    return [list(range(place + 1)) for place in range(read.lengths[0])]


def features(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """A layer over the last axis, which holds the channels."""
    if draw(st.booleans()):
        return sketch.add("layer_norm", [read.name], read.channels, read.marks)
    return sketch.add("linear", [read.name], read.channels, read.marks, out_features=CHANNELS)


def handed_on(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Some tokens cut out of attended ones and put beside others, as class tokens between the stages of a network."""
    attended = attention(draw, sketch, read)
    cut = _cut(draw, sketch, attended, 0, draw(st.integers(1, min(2, attended.lengths[0]))))
    if draw(st.booleans()):
        cut = features(draw, sketch, cut)
    return draw(st.sampled_from((class_token, joined)))(draw, sketch, cut)


# --- What maps, [C, H, W] and [C, L], can be read by. ---


def attention_across_patches(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """A map cut into patches, whose cells attend to those of the same place in all patches, and put together again."""
    if len(read.shape) != 3:
        return convolution(draw, sketch, read)
    high, wide = (draw(st.sampled_from([part for part in (1, 2, 3) if size % part == 0])) for size in read.lengths[1:])
    rows, columns = read.lengths[1] // high, read.lengths[2] // wide

    def turned(axes: list[int], channels: int) -> Tensor:
        last = sketch.tensors[-1]
        return sketch.add("permute", [last.name], channels, probe.permuted(last.marks, axes), axes=axes)

    def reshaped(lengths: list[int], channels: int) -> Tensor:
        last = sketch.tensors[-1]
        shape = [CHANNELS if axis == channels else length for axis, length in enumerate(lengths)]
        return sketch.add("reshape", [last.name], channels, probe.reshaped(last.marks, lengths), shape=shape)

    sketch.add(
        "reshape", [read.name], 0, probe.reshaped(read.marks, [1, rows, high, columns, wide]),
        shape=[CHANNELS, rows, high, columns, wide],
    )  # fmt: skip
    turned([2, 4, 1, 3, 0], 4)
    attended = attention_within(draw, sketch, reshaped([high * wide, rows * columns, 1], 2))
    if draw(st.booleans()):
        added(draw, sketch, attended)
    reshaped([high, wide, rows, columns, 1], 4)
    turned([4, 2, 0, 3, 1], 0)
    return reshaped([1, rows * high, columns * wide], 0)


def convolution(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    rank, marks = len(read.positions), read.marks
    kernel, stride = draw(st.sampled_from((1, 3))), draw(st.integers(1, 2))
    for axis, length in enumerate(read.lengths[1:], 1):
        marks = probe.reading(marks, axis, Window(kernel, stride, kernel // 2, kernel // 2).sources(length))
    return sketch.add(
        f"conv{rank}d", [read.name], 0, marks,
        out_channels=CHANNELS, kernel_size=kernel, stride=stride, padding=kernel // 2,
    )  # fmt: skip


WINDOWS = st.builds(
    Window, st.integers(1, 3), st.integers(1, 2), st.integers(0, 1), st.integers(0, 1), st.integers(1, 2)
)


def columns(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """All windows of a map, [C, H, W], each as a position, with the cells of a window as channels.

    Each has a pixel: for convcalc a window on padding alone along one axis still sees along the other.
    """
    if len(read.shape) != 3:
        return convolution(draw, sketch, read)
    marks, windows = read.marks, []
    for axis, length in enumerate(read.lengths[1:], 1):
        window = draw(WINDOWS)
        sources = window.sources(length)
        if not sources or not all(sources):
            return pointwise(draw, sketch, read)
        marks = probe.reading(marks, axis, sources)
        windows.append(window)
    cells = sketch.untold("unfold", read.name, **_written(windows))
    marks = probe.reshaped(marks, [1, prod(marks.shape[probe.IMAGE + 1 :])])
    result = sketch.add("conv1d", [cells], 0, marks, out_channels=CHANNELS, kernel_size=1)
    return map_of_columns(draw, sketch, result) if draw(st.booleans()) else result


def map_of_columns(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    """Positions, [C, L], as windows of a map that are added up where they overlap."""
    if len(read.shape) != 2:
        return columns(draw, sketch, read)
    length = read.lengths[1]
    high = draw(st.sampled_from([size for size in range(1, length + 1) if length % size == 0]))
    marks, windows, sizes = probe.reshaped(read.marks, [1, high, length // high]), [], []
    for axis, count in enumerate((high, length // high), 1):
        window = draw(WINDOWS)
        left_over = draw(st.integers(0, window.stride - 1))  # cells behind the last window
        shape = window.kernel, window.stride, window.before, window.after, window.dilation
        sources = Transposed(*shape, left_over).sources(count)
        if not sources or not all(sources):
            return pointwise(draw, sketch, read)
        marks = probe.reading(marks, axis, sources)
        windows.append(window)
        sizes.append(len(sources))
    channels = CHANNELS * prod(window.kernel for window in windows)
    cells = sketch.untold("conv1d", read.name, out_channels=channels, kernel_size=1)
    return sketch.add("fold", [cells], 0, marks, output_size=sizes, **_written(windows))


def _written(windows: Sequence[Window]) -> dict[str, object]:
    return {
        "kernel_size": [window.kernel for window in windows],
        "stride": [window.stride for window in windows],
        "padding": [[window.before, window.after] for window in windows],
        "dilation": [window.dilation for window in windows],
    }


def pooled(draw: st.DrawFn, sketch: Sketch, read: Tensor) -> Tensor:
    marks = read.marks
    for axis in read.positions:
        marks = probe.any_of(marks, axis)
    return sketch.add("global_avg_pool", [read.name], 0, marks)


TOKENS: tuple[Step, ...] = (
    *(class_token, attention, sliced, joined, handed_on) * 3, added, weighed, gated, pointwise, features, recurrent,
    averaged, permuted, split,
)  # fmt: skip
MAPS: tuple[Step, ...] = (convolution, convolution, pooled)
SPLITTING: tuple[Step, ...] = (split, regrouped, attention_across_patches, columns, map_of_columns)


@st.composite
def token_graphs(draw: st.DrawFn, splits: bool = True, more: tuple[Step, ...] = ()) -> TokenGraph:
    """Graphs of about 4 to 20 layers on a small image, most of which make tokens of it at once.

    Without `splits` each axis of the image stays on one axis of each tensor. `more` are further steps.
    """
    sketch = Sketch(draw(st.integers(2, 6)), draw(st.integers(2, 6)))
    if draw(st.integers(0, 3)):
        permuted_to_tokens(sketch, sketch.tensors[0])
    return _grown(draw, sketch, splits, more)


@st.composite
def word_graphs(draw: st.DrawFn) -> TokenGraph:
    """Graphs that read the ids of up to 8 words, on one axis of each tensor."""
    return _grown(draw, Sketch.of_words(draw(st.integers(1, 8))), splits=False)


def _grown(draw: st.DrawFn, sketch: Sketch, splits: bool, more: tuple[Step, ...] = ()) -> TokenGraph:
    for _ in range(draw(st.integers(3, 10))):
        read = draw(st.sampled_from((*[sketch.tensors[-1]] * 6, *sketch.tensors[-4:])))
        steps = (TOKENS if len(read.shape) == 2 and read.channels == 1 else ANY) + more * 2
        if read.channels == len(read.shape) - 1:
            steps += (features, attention_within)
        elif read.channels == 0 and len(read.shape) in (2, 3):
            steps += (*MAPS, attention_across_patches, columns, map_of_columns)
        if not splits:
            steps = tuple([step for step in steps if step not in SPLITTING])
        draw(st.sampled_from(steps if prod(read.lengths) <= LARGEST else (sliced,)))(draw, sketch, read)
    return sketch.graph()


def permuted_to_tokens(sketch: Sketch, read: Tensor) -> Tensor:
    """A map as tokens, [C, H, W] to [H W, C]."""
    height, width = read.lengths[1:]
    flat = sketch.add("flatten", [read.name], 0, probe.reshaped(read.marks, (1, height * width)), start_axis=1)
    return sketch.add("permute", [flat.name], 1, probe.permuted(flat.marks, (1, 0)), axes=[1, 0])
