"""What a layer is: the contract that every family of layer types fulfils.

A layer is a value: its checked parameters, and pure functions of its input shapes. It knows nothing of the graph.
Counts are *named terms*, each with one formula for each way of wiring the layer; totals, tables and explanations are
made from them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import Window
from convcalc.layers.parameters import REQUIRED, Integer, LayerError, LikeEntry, Parameter
from convcalc.plain_tuple import PlainTuple

__all__ = ["LEADING_AXES", "SAME", "Dropped", "Flow", "Layer", "LayerError", "LayerType", "Link", "Part", "Single",
           "Term", "Unknown", "Unordered", "axis_from", "links"]  # fmt: skip

# What a custom type may leave unknown: its parameters, how they slide over positions, its multiply-accumulates.
PARAMS, WIRING, MACS = "params", "wiring", "macs"
# The name of a learned tensor by itself. Tied to a layer, it is the tensor of its shape, whatever the name of that.
PARAMETER = "parameter"


class Term(PlainTuple):
    """One named group of parameters ("weight", "bias") and its count under each way of wiring the layer.

    `uses` counts how often one of them is used in a forward pass: the layer's connections.
    """

    name: str
    written: Formula
    shared: Formula
    unshared: Formula
    fully_connected: Formula
    uses: Formula
    is_bias: bool = False
    frozen: bool = False

    @classmethod
    def fixed(cls, name: str, count: Formula, uses: Formula, *, is_bias: bool = False, frozen: bool = False) -> "Term":
        """A term that does not slide over positions: the same count under each way of wiring."""
        return cls(name, count, count, count, count, uses, is_bias=is_bias, frozen=frozen)


class Link(PlainTuple):
    """An output axis that reads the positions of input axis `axis` through `window` (None: one to one).

    `start` is the position on the output axis where this input begins: not 0 where inputs are joined along the axis.
    """

    axis: int
    window: Window | None = None
    start: int = 0


class Grid(PlainTuple):
    """Windows over several axes at once, in rows: how many there are along each axis, and how these are read.

    Where input axes become one, each is read through its window. Where one becomes output axes, these read the grid
    through theirs.
    """

    sizes: tuple[int, ...]
    windows: tuple[Window, ...]


class Unordered(PlainTuple):
    """An output axis that joins the positions of several input axes: they have no order along it.

    With a `grid`, its positions are those of windows in the order of their rows.
    """

    axes: tuple[int, ...]
    grid: Grid | None = None


class Unknown(Unordered):
    """An output axis whose input positions are unknown; they are along `axes`."""

    __slots__ = ()


class Single(PlainTuple):
    """An output axis that this input does not have: all of the input is at its position `start`."""

    start: int


class Dropped(PlainTuple):
    """An input axis that is gone in the output, which reads only its position `place`; it follows the output axes."""

    axis: int
    place: int


# What an output axis reads of one input; None for an axis without positions (channels).
Part = Link | Unordered | Single | Dropped | None
# What each output axis reads of one input, and the axes of that input that are dropped.
# All outputs see the whole of an input axis that no output axis reads. SAME: every axis one to one.
Flow = tuple[Part, ...] | None
SAME: None = None
LEADING_AXES = "leading_axes"


def links(rank: int, skip: tuple[int, ...] = (), through: Mapping[int, Window] | None = None) -> list[Part]:
    """Each axis one to one, except those of `through`, which are read through its windows.

    The axes in `skip` have no positions in the output.
    """
    windows = through or {}
    return [None if axis in skip else Link(axis, windows.get(axis)) for axis in range(rank)]


class Layer:
    """The base of all layers: one input, an output of its shape, no parameters, no cost.

    A family overrides what it does differently. A subclass's docstring is the manual page of its types.
    """

    parameters: ClassVar[dict[str, Parameter[Any]]] = {}
    like_parameters: ClassVar[tuple[str, ...]] = ()
    # How many inputs an entry of this type reads: at least, and at most (None: no limit).
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    # What the example of the manual reads, by rank, where not all of it is maps of that rank.
    example_inputs: ClassVar[Mapping[int, str]] = {}
    # Convolutions and linear layers: RegNet and timm call their outputs activations. None: its figures decide.
    is_weighted: ClassVar[bool | None] = False
    # Whether its figures are formulas of the spec: a CustomLayer.
    is_custom: ClassVar[bool] = False
    # Whether its types take `leading_axes`, for maps that have axes before their channels.
    takes_leading_axes: ClassVar[bool] = False
    # Whether it reads indices, each a position by itself: then its input has no channels.
    reads_indices: ClassVar[bool] = False
    # The axis of its input that holds the channels.
    channel_axis: int = 0
    # What it has beside its output, by the names under which `NAME.part` reads it.
    further_outputs: ClassVar[tuple[str, ...]] = ()
    # Whether it is itself such a part of another layer, made when that runs.
    is_further_output: ClassVar[bool] = False
    # What the layer does not give: PARAMS, WIRING, MACS. Only a custom type may leave something out.
    unknown: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        cls.parameters = {**cls.parameters, **own}
        cls.like_parameters = tuple(name for name, value in cls.parameters.items() if isinstance(value, LikeEntry))

    def __init__(self, layer_type: "LayerType", values: Mapping[str, Any]) -> None:
        self.__dict__["type"] = layer_type
        self.__dict__.update(values)
        self.check()

    type: "LayerType"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a layer is frozen: {name} cannot be set")

    def config(self) -> dict[str, Any]:
        """The parameters as they were understood, defaults filled in."""
        return {name: self.__dict__[name] for name in self.parameters}

    @property
    def output_channel_axis(self) -> int:
        """The axis of its output that holds the channels."""
        return self.channel_axis

    def changed(self, **values: Any) -> Self:
        """The layer with other values of some parameters. Raises LayerError where they contradict each other."""
        return self.__class__(self.type, {**{name: self.__dict__[name] for name in self.parameters}, **values})

    def check(self) -> None:
        """Raise LayerError for parameters that contradict each other, whatever the input."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape of the output. Raises LayerError when the layer does not fit its inputs."""
        return inputs[0]

    def terms(self) -> "tuple[Term, ...]":
        """The named parameter terms."""
        return ()

    @property
    def has_parameters(self) -> bool:
        """Whether it has parameters, or may have some."""
        return bool(self.terms())

    def buffers(self) -> dict[str, Formula]:
        """Elements that are kept but not learned, as running statistics are."""
        return {}

    def multiply_accumulates(self) -> dict[str, Formula]:
        """Named multiply-accumulates of one sample."""
        return {}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        """The integers that the formulas read."""
        return {
            "in_units": elements(inputs[0]),
            "out_units": elements(output),
            "in_channels": inputs[0][0],
            "out_channels": output[0],
        }

    def window_formula(self) -> Formula | None:
        """The formula of the output size along one axis, for `explain`."""
        return None

    def window_values(self, inputs: tuple[Shape, ...], output: Shape) -> list[dict[str, int]]:
        """The values of `window_formula`, one dictionary a spatial axis."""
        return []

    def weights_on_input(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        """How many of the unshared weights read an element of the input; None where all of them do.

        A weight that reads only padding is not counted.
        """
        return None

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        """For each input, what each output axis reads of it: see Link, Unordered and SAME."""
        return (SAME,) * len(inputs)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        """Why the output is the input, unchanged; empty where the layer does something."""
        return ""

    def further_shape(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        """The shape of one of its further outputs."""
        return output

    def further_flow(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Flow:
        """What each axis of a further output reads of the output itself, which sees as much of the input."""
        return SAME

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        """The shapes of its parameters in PyTorch, by the names of its terms; empty where they are not known.

        Layers of two types may share those of one name and shape.
        """
        return {}


class _LeadingAxes:
    """Holds a parameter that no layer has: its type gives it to those that take it."""

    leading_axes = Integer(0, minimum=0, help="axes before the channels; each place of them is a map by itself")


class LayerType:
    """A type of the catalogue: a layer class, its rank (0: any), and the defaults that the name implies."""

    __slots__ = ("_defaults", "defaults", "layer_class", "name", "parameters", "rank")

    def __init__(self, name: str, layer_class: type[Layer], rank: int = 0, **defaults: Any) -> None:
        self.name = name
        self.layer_class = layer_class
        self.rank = rank
        self.defaults = defaults
        self._defaults: dict[str, Any] | None = None  # checked on first use
        self.parameters: dict[str, Parameter[Any]] = layer_class.parameters
        if layer_class.takes_leading_axes:
            self.parameters = {**layer_class.parameters, LEADING_AXES: _LeadingAxes.leading_axes}

    @property
    def like_parameters(self) -> tuple[str, ...]:
        """The parameters that name another entry for its size."""
        return self.layer_class.like_parameters

    def default(self, name: str) -> Any:
        """The default of a parameter under this name, REQUIRED when there is none."""
        return self.defaults.get(name, self.parameters[name].default)

    def build(self, given: Mapping[str, Any]) -> Layer:
        """A layer from plain values. Raises LayerError for the first parameter that is wrong."""
        parameters, rank = self.parameters, self.rank
        if self._defaults is None:
            defaults = {name: self.default(name) for name in parameters}
            self._defaults = {
                name: None if value is None else parameters[name].convert(value, rank)
                for name, value in defaults.items()
                if value is not REQUIRED
            }
        values = dict(self._defaults)
        for name, value in given.items():
            values[name] = parameters[name].convert(value, rank)
        missing = [name for name in parameters if name not in values] if len(values) < len(parameters) else []
        if missing:
            named = " and ".join(f"{name} ({self.parameters[name].help})" for name in missing)
            raise LayerError(
                "missing-parameter",
                f"{named} must be given",
                help=f"write `{self.name}: {{{', '.join(f'{name}: …' for name in missing)}}}`",
            )
        leading = values.pop(LEADING_AXES, 0)
        layer = self.layer_class(self, values)
        if not leading:
            return layer
        from convcalc.layers.leading_axes import Distributed  # few networks have leading axes

        return Distributed(layer, leading)

    def errors(self, given: Mapping[str, Any]) -> list[LayerError]:
        """What is wrong with each given value by itself."""
        found = []
        for name, value in given.items():
            try:
                self.parameters[name].convert(value, self.rank)
            except LayerError as error:
                found.append(error)
        return found

    def check_rank(self, shape: Shape) -> None:
        """Raise LayerError unless `shape` has the channels and the spatial axes that this type slides over."""
        if len(shape) != self.rank + 1:
            form = {1: "[C, L]", 2: "[C, H, W]", 3: "[C, D, H, W]"}[self.rank]
            help = "flatten, unflatten, reshape or permute it first, or use the type of the right rank"
            if len(shape) == self.rank + 2 and self.layer_class.takes_leading_axes:
                help = (
                    "leave the batch out of `input`; or, where the first axis holds frames, windows or views,"
                    f" write `{LEADING_AXES}: 1`: each is a map by itself"
                )
            raise LayerError("wrong-rank", f"{self.name} reads {form}, not the {{input}}", help=help)


def axis_from(axis: int, rank: int, parameter: str = "axis", of: str = "{input}") -> int:
    """The axis counted from the front. Raises LayerError when there is no such axis."""
    if not -rank <= axis < rank:
        raise LayerError(
            "wrong-axis",
            f"{parameter} {axis} is outside the {rank} axes of the {of}",
            parameter=parameter,
            help=f"axes are counted from 0 to {rank - 1}, without the batch (or from -1 at the end)",
        )
    return axis % rank
