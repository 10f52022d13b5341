"""The figures of one layer at one place: every formula of the layer evaluated once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import MACS, PARAMS, WIRING, Flow, Layer, Term


class Facts:
    """Integers of a layer for given input shapes, its parameters as if they were its own (not tied, not frozen).

    Equal layers on equal shapes share one Facts. A figure that the layer does not give is None. `is_weighted` says
    whether the outputs are activations: those of layers that multiply by weights; None where that is unknown. `tied_to`
    names the entry whose parameters are used, in a copy without any; `tied_terms` are those of them that are used where
    the layer has others of its own.
    """

    __slots__ = (
        "layer", "input_shapes", "output_shape", "params", "weights", "biases", "trainable_params", "frozen_params",
        "params_shared", "params_unshared", "params_fully_connected", "connections", "macs", "buffers", "units",
        "has_parameters", "is_weighted", "tied_to", "tied_terms", "_flow",
    )  # fmt: skip

    params: int | None
    weights: int | None
    biases: int | None
    trainable_params: int | None
    frozen_params: int | None
    params_shared: int | None
    params_unshared: int | None
    params_fully_connected: int | None
    connections: int | None
    macs: int | None

    def __init__(self, layer: Layer, input_shapes: tuple[Shape, ...], output_shape: Shape) -> None:
        self.layer = layer
        self.input_shapes = input_shapes
        self.output_shape = output_shape
        self.tied_to: str | None = None
        self.tied_terms: frozenset[str] | None = None
        self.units = elements(output_shape)
        self.set_no_parameters()
        self.connections = self.macs = 0
        self._flow: tuple[Flow, ...] | None = None
        terms = layer.terms()
        buffers, macs = layer.buffers(), layer.multiply_accumulates()
        self.has_parameters = bool(terms) or PARAMS in layer.unknown
        if terms or buffers or macs or layer.unknown:
            values = layer.values(input_shapes, output_shape)
            self.macs = sum([formula(values) for formula in macs.values()])
            self.buffers = sum([formula(values) for formula in buffers.values()])
            self._count_parameters(terms, values)
            self._forget(layer.unknown)
        self.is_weighted = self._is_weighted()

    def set_no_parameters(self) -> None:
        """Set every count of parameters, and of buffers, to zero."""
        self.params = self.weights = self.biases = self.trainable_params = self.frozen_params = 0
        self.params_shared = self.params_unshared = self.params_fully_connected = self.buffers = 0

    def leave_out(self, names: frozenset[str]) -> None:
        """Count the terms of these names as another layer's, wherever that can be: one set of weights in both.

        With weights of its own at each position a layer can share none with a layer that has not the same positions.
        """
        self.tied_terms = names
        values, connections = self.layer.values(self.input_shapes, self.output_shape), self.connections
        terms = self.layer.terms()
        self._count_parameters(tuple(term for term in terms if term.name not in names), values)
        self.connections = connections
        for term in terms:
            if term.name in names and self.params_unshared is not None and self.params_fully_connected is not None:
                shared, unshared, full = (way(values) for way in (term.shared, term.unshared, term.fully_connected))
                self.params_unshared += unshared if unshared != shared else 0
                self.params_fully_connected += full if full != shared else 0

    def _count_parameters(self, terms: tuple[Term, ...], values: Mapping[str, int]) -> None:
        weights = biases = frozen = shared = unshared = fully_connected = connections = 0
        for term in terms:
            count = term.written(values)
            if term.is_bias:
                biases += count
            else:
                weights += count
            if term.frozen:
                frozen += count
            shared += term.shared(values)
            unshared += term.unshared(values)
            fully_connected += term.fully_connected(values)
            connections += term.uses(values)
        self.weights = weights
        self.biases = biases
        self.params = weights + biases
        self.frozen_params = frozen
        self.trainable_params = weights + biases - frozen
        self.params_shared = shared
        self.params_unshared = unshared
        self.params_fully_connected = fully_connected
        self.connections = connections

    def _forget(self, unknown: frozenset[str]) -> None:
        """Set the figures that a custom type does not give to None."""
        if PARAMS in unknown:
            self.params = self.weights = self.biases = self.trainable_params = None
        if WIRING in unknown:
            self.params_shared = self.params_unshared = self.params_fully_connected = self.connections = None
        if MACS in unknown:
            self.macs = None

    def _is_weighted(self) -> bool | None:
        known = self.layer.is_weighted
        if known is not None:
            return known
        if self.weights == 0 or self.macs == 0:
            return False
        return None if self.weights is None or self.macs is None else True

    @property
    def flow(self) -> tuple[Flow, ...]:
        """What each output axis reads of each input, for the walk of receptive fields."""
        if self._flow is None:
            self._flow = self.layer.flow(self.input_shapes, self.output_shape)
        return self._flow

    @property
    def config(self) -> dict[str, Any]:
        """The layer's parameters, defaults filled in."""
        return self.layer.config()

    @property
    def flops(self) -> int | None:
        return None if self.macs is None else 2 * self.macs

    @property
    def activations(self) -> int | None:
        """The units of the output where they are activations."""
        return self.units if self.is_weighted else 0 if self.is_weighted is False else None
