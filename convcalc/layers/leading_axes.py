"""Maps with axes before their channels, as frames, windows and views have: a layer applied to each place of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import LEADING_AXES, Dropped, Flow, Layer, LayerError, Link, Part, Term, Unordered

T = TypeVar("T")


class Distributed(Layer):
    """A layer that is applied to each place of the leading axes by itself, with the same weights.

    Its parameters are those of one place, however the layer is wired; it uses and multiplies them at each place.
    """

    def __init__(self, layer: Layer, count: int) -> None:
        values = {"layer": layer, "count": count, "channel_axis": count + layer.channel_axis}
        super().__init__(layer.type, {**values, "is_weighted": layer.is_weighted})

    layer: Layer
    count: int

    @property
    def output_channel_axis(self) -> int:
        return self.count + self.layer.output_channel_axis

    def config(self) -> dict[str, Any]:
        return {**self.layer.config(), LEADING_AXES: self.count}

    def changed(self, **values: Any) -> Distributed:
        return Distributed(self.layer.changed(**values), self.count)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        count = self.count
        if len(inputs[0]) <= count:
            raise LayerError("wrong-rank", f"the {{input}} has nothing behind {_axes(count)}", parameter=LEADING_AXES)
        if any(shape[:count] != inputs[0][:count] for shape in inputs):
            raise LayerError(
                "shapes-do-not-agree",
                f"the inputs differ in {_axes(count)}",
                parameter="from",
                help="each place of the leading axes reads its own part of every input",
            )
        try:
            output = self.layer.output_shape(self._behind(inputs))
        except LayerError as error:
            raise self._with_leading_axes(error) from None
        return (*inputs[0][:count], *output)

    def _with_leading_axes(self, error: LayerError) -> LayerError:
        """The error of the layer, which knows nothing of the axes before what it reads."""
        if error.rule != "wrong-rank":
            return error
        message = str(error).replace("{input}", f"{{input}} behind {_axes(self.count)}")
        return LayerError(error.rule, message, parameter=error.parameter or LEADING_AXES)

    def _behind(self, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return tuple([shape[self.count :] for shape in inputs])

    def _of_place(self, method: Callable[[tuple[Shape, ...], Shape], T], inputs: tuple[Shape, ...], output: Shape) -> T:
        """What a method of the layer says of a single place."""
        return method(self._behind(inputs), output[self.count :])

    def terms(self) -> tuple[Term, ...]:
        return tuple(term._replace(uses=_at_each_place(term.uses.text)) for term in self.layer.terms())

    def buffers(self) -> dict[str, Formula]:
        return self.layer.buffers()

    def multiply_accumulates(self) -> dict[str, Formula]:
        counts = self.layer.multiply_accumulates()
        return {name: _at_each_place(formula.text) for name, formula in counts.items()}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        places = elements(inputs[0][: self.count])
        return {**self._of_place(self.layer.values, inputs, output), "places": places}

    def window_formula(self) -> Formula | None:
        return self.layer.window_formula()

    def window_values(self, inputs: tuple[Shape, ...], output: Shape) -> list[dict[str, int]]:
        return self._of_place(self.layer.window_values, inputs, output)

    def weights_on_input(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        return self._of_place(self.layer.weights_on_input, inputs, output)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return tuple(map(self._moved, self._of_place(self.layer.flow, inputs, output)))

    def _moved(self, flow: Flow) -> Flow:
        """A flow behind the leading axes, which are passed on one to one."""
        if flow is None:
            return flow
        count = self.count
        moved: list[Part] = list(map(Link, range(count)))
        for part in flow:
            if isinstance(part, Link | Dropped):
                moved.append(part._replace(axis=part.axis + count))
            elif isinstance(part, Unordered):
                moved.append(part._replace(axes=tuple([axis + count for axis in part.axes])))
            else:
                moved.append(part)
        return tuple(moved)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return self._of_place(self.layer.idle_reason, inputs, output)

    @property
    def further_outputs(self) -> tuple[str, ...]:  # type: ignore[override]  # of the layer, not of all
        return self.layer.further_outputs

    def further_shape(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        count = self.count
        return (*output[:count], *self.layer.further_shape(part, self._behind(inputs), output[count:]))

    def further_flow(self, part: str, inputs: tuple[Shape, ...], output: Shape) -> Flow:
        return self._moved(self.layer.further_flow(part, self._behind(inputs), output[self.count :]))

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        return self._of_place(self.layer.tensors, inputs, output)


@cache
def _at_each_place(text: str) -> Formula:
    return Formula(f"places * ({text})" if "+" in text or "-" in text else f"places * {text}")


def _axes(count: int) -> str:
    return "its leading axis" if count == 1 else f"its {count} leading axes"


def of_place(layer: Layer) -> Layer:
    """The layer that is applied to each place of the leading axes; a layer without them as it is."""
    return layer.layer if isinstance(layer, Distributed) else layer
