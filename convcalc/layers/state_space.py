"""State space models: a linear recurrence whose coefficients depend on the input."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.arith.window import sliding
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link


class SelectiveScan(Layer):
    """Mamba's recurrence: d_state numbers a feature decay by exp(step · A), take in step · B · u, and C reads them.

    Inputs, in the order of Mamba's code: u, the steps (delta), A, B, C and, where there is one, D, which adds D · u. B
    and C may be one input whose last 2 · d_state features are both, as the projection of Mamba's block makes them; what
    is before them is not read.

    Example:
        input: {u: [4096, 36], delta: [4096, 36], A: [36, 16], B: [4096, 16], C: [4096, 16], D: [36]}
        layers:
          - selective_scan: {from: [u, delta, A, B, C, D]}

    Shape:
        u and delta [L, features], A [features, d_state], B and C [L, d_state], D [features] to [L, features]

    Formulas:
        parameters          none: A and D are inputs, as `parameter` makes them
        macs                L · features · d_state for the states, and as many for what C reads; making the
                            coefficients (an exponential and products of elements) is not counted

    Errors:
        wrong-rank          u is no row of tokens
        shapes-do-not-agree  another input has not the shape that u and A ask for

    Source:
        Gu and Dao 2023, "Mamba", Algorithm 2; selective_scan_fn of state-spaces/mamba, whose u is [features, L].
    """

    arity = (4, 6)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        u, delta, decay, *others = inputs
        if len(u) != 2:
            raise LayerError("wrong-rank", f"{self.type.name} reads [L, features], not the {{input}}", parameter="from")
        length, features = u
        self._expect("delta", delta, u)
        if len(decay) != 2 or decay[0] != features:
            raise self._unfit("A", decay, f"{features}xd_state")
        state = decay[1]
        if self._is_joined(inputs):
            if len(others[0]) != 2 or others[0][0] != length or others[0][1] < 2 * state:
                raise self._unfit("B with C", others[0], f"{length}x{2 * state} or wider")
            rest = others[1:]
        else:
            if len(others) < 2:
                raise self._unfit("B", others[0], f"{length}x{2 * state} with C, or C another input")
            self._expect("B", others[0], (length, state))
            self._expect("C", others[1], (length, state))
            rest = others[2:]
        for shape in rest:
            self._expect("D", shape, (features,))
        if len(rest) > 1:
            raise LayerError("shapes-do-not-agree", "nothing comes after D", parameter="from")
        return u

    def _is_joined(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether the fourth input is B and C in one."""
        return inputs[3] != (inputs[0][0], inputs[2][-1])

    def _expect(self, name: str, shape: Shape, wanted: Shape) -> None:
        if shape != wanted:
            raise self._unfit(name, shape, format_shape(wanted))

    def _unfit(self, name: str, shape: Shape, wanted: str) -> LayerError:
        return LayerError(
            "shapes-do-not-agree",
            f"{name} is {format_shape(shape)}, not {wanted}",
            parameter="from",
            help="the order is u, delta, A, B, C and D; B and C may be one input",
        )

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"states": Formula("out_units * d_state"), "outputs": Formula("out_units * d_state")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            "in_units": sum(map(elements, inputs)),
            "out_units": elements(output),
            "d_state": inputs[2][1],
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        # Step t sees steps 0 to t of all but C, which reads the state of its own step.
        steps = Link(0, sliding(output[0], 1, 1, output[0] - 1))
        own: Flow = (steps, Link(1))
        coefficients: Flow = (steps, None)
        of_feature: Flow = (None, Link(0))
        between: tuple[Flow, ...] = (coefficients,)
        if not self._is_joined(inputs):
            between = (coefficients, (Link(0), None))
        rest = len(inputs) - 3 - len(between)
        return (own, own, of_feature, *between, *(of_feature,) * rest)


TYPES = {"selective_scan": LayerType("selective_scan", SelectiveScan)}
