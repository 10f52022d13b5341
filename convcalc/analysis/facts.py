"""The figures of one layer at one place: every formula of the layer evaluated once."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import Layer


class Facts:
    """Integers of a layer for given input shapes, its parameters as if they were its own (not tied, not frozen).

    Equal layers on equal shapes share one Facts. `flow` is what the receptive-field walk reads.
    """

    __slots__ = (
        "layer", "input_shapes", "output_shape", "weights", "biases", "fixed", "shared", "unshared", "fully_connected",
        "connections", "macs", "buffers", "units", "has_parameters", "flow", "json",
    )  # fmt: skip

    def __init__(self, layer: Layer, input_shapes: tuple[Shape, ...], output_shape: Shape) -> None:
        self.layer = layer
        self.input_shapes = input_shapes
        self.output_shape = output_shape
        self.units = elements(output_shape)
        self.weights = self.biases = self.fixed = 0
        self.shared = self.unshared = self.fully_connected = self.connections = 0
        self.macs = self.buffers = 0
        self.flow = layer.flow(input_shapes, output_shape)
        self.json: Any = None  # what the JSON of equal layers has in common, kept by the renderer that needs it
        terms = layer.terms()
        buffers, macs = layer.buffers(), layer.multiply_accumulates()
        self.has_parameters = bool(terms)
        if not terms and not buffers and not macs:
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
        self.macs = sum([formula(values) for formula in macs.values()])
        self.buffers = sum([formula(values) for formula in buffers.values()])

    def figures(self) -> dict[str, Any]:
        """The figures of a report's row that owns its parameters and trains them, in the order of the JSON report."""
        params = self.weights + self.biases
        return {
            "input_shapes": self.input_shapes,
            "output_shape": self.output_shape,
            "config": self.layer.config(),
            "params": params,
            "weights": self.weights,
            "biases": self.biases,
            "trainable_params": params - self.fixed,
            "buffers": self.buffers,
            "tied_to": None,
            "units": self.units,
            "params_shared": self.shared,
            "params_unshared": self.unshared,
            "params_fully_connected": self.fully_connected,
            "connections": self.connections,
            "macs": self.macs,
            "flops": 2 * self.macs,
            "output_elements": self.units,
        }
