"""A layer of darknet while it is read: its section, its input, and the operations that it becomes."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import SpecError
from convcalc.importers.darknet.sections import Section
from convcalc.importers.network import Module, Tensor
from convcalc.importers.recorder import Recorder

# The activations of darknet as operations of the language.
ACTIVATIONS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "linear": [],
    "logistic": [("sigmoid", {})],
    "loggy": [("sigmoid", {}), ("scalar", {"multiply": 2.0, "add": -1.0})],
    "leaky": [("leaky_relu", {"negative_slope": 0.1})],
    "revleaky": [("leaky_relu", {"negative_slope": 0.1})],
    "relie": [("leaky_relu", {"negative_slope": 0.01})],
    "ramp": [("leaky_relu", {"negative_slope": 0.1 / 1.1}), ("scalar", {"multiply": 1.1})],
    "hardtan": [("hardtanh", {})],
    "swish": [("silu", {})],
    **{name: [(name, {})] for name in ("relu", "relu6", "elu", "selu", "gelu", "mish", "tanh")},
}
WITHOUT_COUNTERPART = (
    "plse", "stair", "lhtan", "hard_mish",
    "normalize_channels", "normalize_channels_softmax", "normalize_channels_softmax_maxval",
)  # fmt: skip


class Done(NamedTuple):
    """A layer that has been read: its section, the name of its output, and the layer whose parameters it uses."""

    section: Section
    value: str
    owner: int


class Layer:
    """One layer. `value` is the name of its input; names of layers are darknet's: the type and the index."""

    def __init__(
        self, recorder: Recorder, section: Section, done: list[Done], value: str, *, is_frozen: bool, steps: int
    ) -> None:
        self.recorder = recorder
        self.section = section
        self.done = done
        self.value = value
        self.owner = self.index = len(done)
        self.is_frozen = is_frozen
        self.steps = steps  # of a network with recurrent layers; its vectors are then sequences
        self.module = Module(f"{SHORT.get(section.type, section.type)}_{self.index}", section.type)

    @property
    def shape(self) -> Shape:
        return self.recorder.shapes[self.value]

    def shape_of(self, value: str) -> Shape:
        return self.recorder.shapes[value]

    def refusal(self, message: str, key: str = "", help: str = "") -> SpecError:
        return self.section.refusal(message, key, help)

    def add(self, type: str, shape: Shape | None = None, /, *, name: str = "", **others: Any) -> str:
        """Record an operation that reads `inputs`, by default the layer's value, which its output then is."""
        inputs = others.pop("inputs", [self.value])
        shape = self.recorder.shapes[inputs[0]] if shape is None else shape
        self.value = self.recorder.add(
            type, inputs, shape, self.section.where, modules=(self.module,), name=name, **others
        )
        return self.value

    def _prepare(self, type: str, shape: Shape, /, **parameters: Any) -> None:
        """Record an operation that darknet does silently: it is none of the layer's, and has no name."""
        self.value = self.recorder.add(type, [self.value], shape, self.section.where, **parameters)

    def tensors(self, **shapes: Shape) -> dict[str, Tensor]:
        """Parameters by their terms, with darknet's names for them: `weight` is the `weights` of the layer."""
        prefix = f"{SHORT.get(self.section.type, self.section.type)}_{self.owner}"
        return {
            term: Tensor(f"{prefix}.{DARKNET_NAMES.get(term, term)}", shape, not self.is_frozen)
            for term, shape in shapes.items()
        }

    def image(self) -> Shape:
        """The input as a map of channels, rows and columns; a vector becomes a map of single cells."""
        if len(self.shape) == 1:
            self._prepare("reshape", (*self.shape, 1, 1), shape=(*self.shape, 1, 1))
        if len(self.shape) != 3:
            raise self.refusal(f"a {self.section.type} layer needs an image, not {format_shape(self.shape)}")
        return self.shape

    def vector(self) -> Shape:
        """The input as a vector; a sequence is one at each step."""
        if len(self.shape) > 2:
            self._prepare("flatten", (prod(self.shape),))
        return self.shape

    def sequence(self) -> Shape:
        """The input as a vector for each time step."""
        if len(self.shape) != 2:
            raise self.refusal(f"a {self.section.type} layer needs a sequence, not {format_shape(self.shape)}")
        return self.shape

    def normalise(self) -> None:
        """Batch normalisation with learned scales; the means and variances are statistics.

        The statistics are no `buffers` here: darknet has no counter beside them as the type of the language has.
        """
        channels = self.shape[0] if len(self.shape) != 2 else self.shape[1]
        rank = {1: 1, 3: 2}.get(len(self.shape))
        if rank is None:
            raise self.refusal("batch_normalize is not known for sequences", "batch_normalize")
        tensors = self._scales(channels)
        self.add(f"batch_norm{rank}d", name="norm", tensors=tensors, eps=1e-05)

    def _scales(self, channels: int) -> dict[str, Tensor]:
        owner = self.tensors(norm_weight=(channels,), norm_bias=(channels,))
        return {"weight": owner["norm_weight"], "bias": owner["norm_bias"]}

    def activate(self, default: str) -> None:
        """The activation that the section names."""
        name = self.section.text("activation", default)
        if name in WITHOUT_COUNTERPART:
            self.add(name, name="activation", known=False)
            return
        if name not in ACTIVATIONS:
            self.recorder.remark(f"darknet knows no activation `{name[:40]}` and takes relu")
            name = "relu"
        for type, parameters in ACTIVATIONS[name]:
            self.add(type, name="activation", **parameters)

    def earlier(self, index: int, key: str) -> Done:
        """The layer of an index; a negative one counts back from this layer."""
        found = self.index + index if index < 0 else index
        if not 0 <= found < self.index:
            raise self.refusal(
                f"{key} names layer {index}, and {self.index} layers come before this one", key,
                "negative numbers count back from this layer",
            )  # fmt: skip
        return self.done[found]

    def strides(self, default: int = 1) -> tuple[int, int]:
        """The strides along rows and columns."""
        stride = self.section.count("stride", default)
        vertical, horizontal = self.section.integer("stride_y", 0), self.section.integer("stride_x", 0)
        return vertical if vertical > 0 else stride, horizontal if horizontal > 0 else stride


SHORT = {
    "convolutional": "conv",
    "connected": "conn",
    "deconvolutional": "deconv",
}
DARKNET_NAMES = {"weight": "weights", "bias": "biases", "norm_weight": "scales", "norm_bias": "biases"}
