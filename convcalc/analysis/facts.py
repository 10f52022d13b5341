"""The figures of one layer at one place: every formula of the layer evaluated once."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import Layer


class Facts:
    """Integers of a layer for given input shapes, its parameters as if they were its own (not tied, not frozen).

    Equal layers on equal shapes share one Facts. `flow` is what the receptive-field walk reads. A figure that the layer
    does not tell is None.
    """

    __slots__ = (
        "layer", "input_shapes", "output_shape", "params", "weights", "biases", "fixed", "shared", "unshared",
        "fully_connected", "connections", "macs", "buffers", "units", "has_parameters", "flow", "json",
    )  # fmt: skip

    params: int | None
    weights: int | None
    biases: int | None
    shared: int | None
    unshared: int | None
    fully_connected: int | None
    connections: int | None
    macs: int | None

    def __init__(self, layer: Layer, input_shapes: tuple[Shape, ...], output_shape: Shape) -> None:
        self.layer = layer
        self.input_shapes = input_shapes
        self.output_shape = output_shape
        self.units = elements(output_shape)
        self.params = self.weights = self.biases = self.fixed = 0
        self.shared = self.unshared = self.fully_connected = self.connections = 0
        self.macs = self.buffers = 0
        self.flow = layer.flow(input_shapes, output_shape)
        self.json: Any = None  # what the JSON of equal layers has in common, kept by the renderer that needs it
        terms = layer.terms()
        buffers, macs = layer.buffers(), layer.multiply_accumulates()
        self.has_parameters = bool(terms) or "params" in layer.unknown
        if not terms and not buffers and not macs and not layer.unknown:
            return
        values = layer.values(input_shapes, output_shape)
        for term in terms:
            count = term.written(values)
            if term.is_bias:
                self.biases += count
            else:
                self.weights += count
            if term.frozen:
                self.fixed += count
            self.shared += term.shared(values)
            self.unshared += term.unshared(values)
            self.fully_connected += term.fully_connected(values)
            self.connections += term.uses(values)
        self.params = self.weights + self.biases
        self.macs = sum([formula(values) for formula in macs.values()])
        self.buffers = sum([formula(values) for formula in buffers.values()])
        for name in layer.unknown:
            setattr(self, name, None)

    @property
    def trainable_params(self) -> int | None:
        """The parameters that are not fixed."""
        return None if self.params is None else self.params - self.fixed

    @property
    def flops(self) -> int | None:
        return None if self.macs is None else 2 * self.macs

    @property
    def is_weighted(self) -> bool | None:
        """Whether its outputs are activations: those of layers that multiply by weights; None where nobody says."""
        told = self.layer.is_weighted
        if told is not None:
            return told
        if self.weights == 0 or self.macs == 0:
            return False
        return None if self.weights is None or self.macs is None else True

    def figures(self) -> dict[str, Any]:
        """The figures of a report's row that owns its parameters and trains them, in the order of the JSON report."""
        return {
            "input_shapes": self.input_shapes,
            "output_shape": self.output_shape,
            "config": self.layer.config(),
            "params": self.params,
            "weights": self.weights,
            "biases": self.biases,
            "trainable_params": self.trainable_params,
            "buffers": self.buffers,
            "tied_to": None,
            "units": self.units,
            "params_shared": self.shared,
            "params_unshared": self.unshared,
            "params_fully_connected": self.fully_connected,
            "connections": self.connections,
            "macs": self.macs,
            "flops": self.flops,
            "output_elements": self.units,
        }
