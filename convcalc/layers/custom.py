"""Layers of a custom type: a spec's own formulas in place of a class of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape, named_sizes
from convcalc.arith.window import BROADCAST, OUTPUT_SIZE_CEIL
from convcalc.layers.base import MACS, PARAMS, SAME, WIRING, Flow, Layer, LayerError, LayerType, Link, Term, Unknown
from convcalc.layers.parameters import Padding, PerAxis, show
from convcalc.layers.windows import WindowLayer

Names = Mapping[str, Any]

POINTWISE, WHOLE = "pointwise", "whole"


class CustomFormula(Formula):
    """A formula as a spec writes it; `evaluate` gives its value over names, or raises LayerError."""

    __slots__ = ("_names", "evaluate")

    def __init__(self, text: str, names: tuple[str, ...], evaluate: Callable[[Names], Any]) -> None:
        super().__init__(text)
        self.evaluate = evaluate
        self._names = names

    def __call__(self, values: Names) -> Any:
        return self.evaluate(values)

    def names(self) -> tuple[str, ...]:
        return self._names

    def with_numbers(self, values: Names) -> str:
        try:
            return super().with_numbers(values)
        except RecursionError:  # deeper than the standard library can print
            return self.text

    def symbols(self) -> str:
        return self.with_numbers({})


class Formulas:
    """What a custom type says of its layers. None: it does not say.

    `windows` gives for each input, over all names, what a spec writes of it; see `seen`.
    """

    __slots__ = ("buffers", "macs", "output_shape", "parameters", "windows")

    def __init__(
        self,
        output_shape: CustomFormula | None,
        parameters: dict[str, CustomFormula] | None,
        macs: dict[str, CustomFormula] | None,
        buffers: dict[str, CustomFormula],
        windows: Callable[[Names, tuple[Shape, ...], Shape], tuple[Flow, ...]],
    ) -> None:
        self.output_shape = output_shape
        self.parameters = parameters
        self.macs = macs
        self.buffers = buffers
        self.windows = windows


class CustomLayer(Layer):
    """A layer whose figures are formulas of its spec.

    `given` are its params, `around` those of the spec beneath them, `inputs` the names of what it reads.
    """

    is_weighted = None
    is_custom = True
    formulas: Formulas
    given: dict[str, Any]
    around: dict[str, Any]
    inputs: tuple[str, ...]

    def __init__(
        self, name: str, inputs: tuple[str, ...], given: dict[str, Any], around: dict[str, Any], formulas: Formulas
    ) -> None:
        gaps = {
            PARAMS: formulas.parameters is None,
            # No formula of a custom type says whether its weights slide over positions, and how often each is used.
            WIRING: formulas.parameters != {},
            MACS: formulas.macs is None,
        }
        unknown = frozenset(name for name, is_missing in gaps.items() if is_missing)
        own = {"formulas": formulas, "given": given, "around": around, "inputs": inputs, "unknown": unknown}
        super().__init__(LayerType(name, CustomLayer), own)

    def config(self) -> dict[str, Any]:
        return dict(self.given)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape; it also tries every other formula, so that none fails later, where no place could be named."""
        formula = self.formulas.output_shape
        output: Shape = inputs[0] if formula is None else formula(self._names(inputs))
        values = self.values(inputs, output)
        for terms in (self.formulas.parameters, self.formulas.macs, self.formulas.buffers):
            for count in (terms or {}).values():
                count(values)
        self.flow(inputs, output)
        return output

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Any]:
        return {"out_shape": list(output), **named_sizes(output, "out"), **self._names(inputs)}

    def _names(self, inputs: tuple[Shape, ...]) -> dict[str, Any]:
        """What formulas read before the output is known. A param hides a shape of the same name."""
        shapes = {f"{name}_shape": list(shape) for name, shape in zip(self.inputs, inputs)}
        first = {"in_shape": list(inputs[0]), **named_sizes(inputs[0], "in")}
        return {**shapes, **self.around, **self.given, **first}

    def terms(self) -> tuple[Term, ...]:
        # The counts of other wirings and the uses are among the unknown figures.
        return tuple(
            Term.fixed(name, formula, formula, is_bias=name.endswith("bias"))
            for name, formula in (self.formulas.parameters or {}).items()
        )

    @property
    def has_parameters(self) -> bool:
        return self.formulas.parameters != {}

    def buffers(self) -> dict[str, Formula]:
        return dict(self.formulas.buffers)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return dict(self.formulas.macs or {})

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return self.formulas.windows(self.values(inputs, output), inputs, output)


class SlidingWindow(WindowLayer):
    """The window of a custom type, over the axes after the channels."""

    kernel_size = PerAxis(help="size of the window, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, help="cells around the input, as a convolution's")
    dilation = PerAxis(1, help="distance between neighbouring taps of the window")

    def check_size(self, before: Shape, after: Shape) -> None:
        """Raise LayerError where the window gives other sizes than `after`; the last one may hang over."""
        axes = self.axis_values(before)
        for size, values in zip(after, axes):
            fitting = [formula(values) for formula in (self.size_formula(), OUTPUT_SIZE_CEIL)]
            if size not in fitting:
                arithmetic = f"{self.size_formula().with_numbers(values)} = {fitting[0]}"
                raise LayerError(
                    "window-differs-from-shape",
                    f"the window does not give the {format_shape(after)} positions of the output",
                    help=f"{arithmetic}; mend `window` or `output_shape`, or leave `window` out where no one fits",
                )


def seen(window: Any, shape: Shape, output: Shape) -> Flow:
    """What the output reads of an input through a window as a spec writes it: a word, a mapping, or None: unknown.

    Raises LayerError where it does not fit the two shapes.
    """
    if window is None:
        return (Unknown(tuple(range(len(shape)))),) * len(output)
    if window == WHOLE:
        return (None,) * len(output)
    if window == POINTWISE:
        return _pointwise(shape, output)
    if not isinstance(window, dict):
        expected = f"{POINTWISE}, {WHOLE} or {{kernel_size: …}}"
        raise LayerError("wrong-value", f"window must be {expected}, not {show(window)}")
    if len(shape) != len(output) or len(shape) == 1:
        shapes = f"from {format_shape(shape)} to {format_shape(output)}"
        help = f"write `window: {WHOLE}`, or leave it out where it is not known"
        raise LayerError("wrong-rank", f"no window slides {shapes}: both need channels and the same axes", help=help)
    sliding = LayerType("window", SlidingWindow, len(shape) - 1).build(window)
    assert isinstance(sliding, SlidingWindow)
    sliding.check_size(shape[1:], output[1:])
    return sliding.flow((shape,), output)[0]


def _pointwise(shape: Shape, output: Shape) -> Flow:
    """Axes one to one or broadcast; the one that may differ in size holds the channels or features."""
    if shape == output:
        return SAME
    links = [
        Link(axis) if before == after else Link(axis, BROADCAST) if before == 1 else None
        for axis, (before, after) in enumerate(zip(shape, output))
    ]
    if len(shape) != len(output) or links.count(None) > 1:
        raise LayerError(
            "wrong-window",
            f"{format_shape(shape)} to {format_shape(output)} is not position by position",
            help="only the channels or the features may change in number",
        )
    return tuple(links)
