"""What a layer is: the contract that every family of kinds fulfils.

A layer is a value: its checked parameters, and pure functions of its input shapes. It knows nothing of the graph.
Counts are *named terms*, each with one formula a regime; totals, tables and explanations are all made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.arith.window import Window
from convcalc.layers.parameters import REQUIRED, LikeEntry, Misfit, Parameter

__all__ = ["Kind", "Layer", "Link", "Lost", "Misfit", "Term", "Flow", "SAME", "Unseen", "axis_from", "links"]

ZERO = Formula("0")


class Term:
    """One named group of parameters ("weight", "bias") and its count under each way of wiring the layer.

    `uses` counts how often one of them is used in a forward pass: the layer's connections.
    """

    __slots__ = ("name", "is_bias", "frozen", "written", "shared", "unshared", "fully_connected", "uses")

    def __init__(
        self,
        name: str,
        written: Formula,
        shared: Formula,
        unshared: Formula,
        fully_connected: Formula,
        uses: Formula,
        *,
        is_bias: bool = False,
        frozen: bool = False,
    ) -> None:
        self.name = name
        self.written = written
        self.shared = shared
        self.unshared = unshared
        self.fully_connected = fully_connected
        self.uses = uses
        self.is_bias = is_bias
        self.frozen = frozen

    @classmethod
    def fixed(cls, name: str, count: Formula, uses: Formula, *, is_bias: bool = False, frozen: bool = False) -> Term:
        """A term that does not slide over positions: the same count in every regime."""
        return cls(name, count, count, count, count, uses, is_bias=is_bias, frozen=frozen)


class Link:
    """An output axis that reads the positions of input axis `axis` through `window` (None: one to one).

    `start` is where on the output axis the input begins, which differs from 0 for what is concatenated along it.
    """

    __slots__ = ("axis", "window", "start")

    def __init__(self, axis: int, window: Window | None = None, start: int = 0) -> None:
        self.axis = axis
        self.window = window
        self.start = start


class Lost:
    """An output axis into which the positions of several input axes were folded: they no longer lie in order."""

    __slots__ = ("axes",)

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes


class Unseen(Lost):
    """An output axis of which nobody says what positions of the input it reads."""


# For one input: what each output axis reads of it. None: no position (a channel axis). An input axis that no output
# axis reads is mixed: every output sees all of it. SAME: every axis one to one.
Flow = tuple[Link | Lost | None, ...] | None
SAME: None = None


def links(rank: int, skip: tuple[int, ...] = ()) -> list[Link | Lost | None]:
    """One to one on every axis but those in `skip`, which carry no position to the output."""
    return [None if axis in skip else Link(axis) for axis in range(rank)]


class Layer:
    """The base of all layers: one input, an output of its shape, no parameters, no cost.

    A family overrides what it does otherwise. Subclass docstrings are the manual pages of their kinds.
    """

    parameters: ClassVar[dict[str, Parameter[Any]]] = {}
    like_parameters: ClassVar[tuple[str, ...]] = ()
    # How many inputs an entry of this kind reads, at least and (None: without bound) at most.
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    # Convolutions and linear layers: their outputs are what RegNet and timm call activations. None: its figures tell.
    is_weighted: ClassVar[bool | None] = False
    # The figures of its Facts that the layer does not tell.
    unknown: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        cls.parameters = {**cls.parameters, **own}
        cls.like_parameters = tuple(name for name, value in cls.parameters.items() if isinstance(value, LikeEntry))

    def __init__(self, kind: Kind, values: Mapping[str, Any]) -> None:
        self.__dict__["kind"] = kind
        self.__dict__.update(values)
        self.check()

    kind: Kind

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a layer is frozen: {name} cannot be set")

    def config(self) -> dict[str, Any]:
        """The parameters as they were understood, defaults filled in."""
        return {name: self.__dict__[name] for name in self.parameters}

    def changed(self, **values: Any) -> Self:
        """The layer with other values of some parameters. Raises Misfit where they contradict each other."""
        return type(self)(self.kind, {**{name: self.__dict__[name] for name in self.parameters}, **values})

    def check(self) -> None:
        """Raise Misfit for parameters that contradict each other, whatever the input."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape of the output. Raises Misfit when the layer does not fit its inputs."""
        return inputs[0]

    def terms(self) -> tuple[Term, ...]:
        """The named parameter terms."""
        return ()

    def buffers(self) -> dict[str, Formula]:
        """Elements that are kept but not learned, as running statistics are."""
        return {}

    def multiply_accumulates(self) -> dict[str, Formula]:
        """Named multiply-accumulates of one sample."""
        return {}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        """The integers that the formulas speak of."""
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

    def met_weights(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        """How many of the unshared weights ever meet an element of the input, not padding; None where none can miss."""
        return None

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        """For each input, what each output axis reads of it: see Link, Lost and SAME."""
        return (SAME,) * len(inputs)


class Kind:
    """A name of the catalogue: a layer class with its rank and the defaults that the name implies."""

    __slots__ = ("name", "layer", "rank", "defaults", "_defaults")

    def __init__(self, name: str, layer: type[Layer], rank: int = 0, **defaults: Any) -> None:
        self.name = name
        self.layer = layer
        self.rank = rank
        self.defaults = defaults
        self._defaults: dict[str, Any] | None = None  # checked on first use

    @property
    def parameters(self) -> dict[str, Parameter[Any]]:
        return self.layer.parameters

    @property
    def like_parameters(self) -> tuple[str, ...]:
        """The parameters that name another entry for its size."""
        return self.layer.like_parameters

    def default(self, name: str) -> Any:
        """The default of a parameter under this name, REQUIRED when there is none."""
        return self.defaults.get(name, self.layer.parameters[name].default)

    def build(self, given: Mapping[str, Any]) -> Layer:
        """A layer from plain values. Raises Misfit for the first parameter that is wrong."""
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
            raise Misfit(
                "missing-parameter",
                f"{named} must be given",
                help=f"write `{self.name}: {{{', '.join(f'{name}: …' for name in missing)}}}`",
            )
        return self.layer(self, values)

    def misfits(self, given: Mapping[str, Any]) -> list[Misfit]:
        """What is wrong with each given value by itself."""
        found = []
        for name, value in given.items():
            try:
                self.parameters[name].convert(value, self.rank)
            except Misfit as misfit:
                found.append(misfit)
        return found

    def check_rank(self, shape: Shape) -> None:
        """Raise Misfit unless `shape` has the channels and the spatial axes that this kind slides over."""
        if len(shape) != self.rank + 1:
            form = {1: "[C, L]", 2: "[C, H, W]", 3: "[C, D, H, W]"}[self.rank]
            raise Misfit(
                "wrong-rank",
                f"{self.name} reads {form}, not the {{input}}",
                help="flatten, unflatten, reshape or permute it first, or use the kind of the right rank",
            )


def axis_from(axis: int, rank: int, parameter: str = "axis", of: str = "{input}") -> int:
    """The axis counted from the front. Raises Misfit when there is no such axis."""
    if not -rank <= axis < rank:
        raise Misfit(
            "wrong-axis",
            f"{parameter} {axis} is outside the {rank} axes of the {of}",
            parameter=parameter,
            help=f"axes are counted from 0 to {rank - 1}, without the batch (or from -1 at the end)",
        )
    return axis % rank
