"""The rows of a report: one for each layer, its figures as raw numbers."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from convcalc.analysis.analyse import Analysis
from convcalc.analysis.facts import Facts
from convcalc.arith.shape import Shape, format_shape
from convcalc.network.graph import Node
from convcalc.report.figure import Formula
from convcalc.report.figures import FIGURES, arrange
from convcalc.report.receptive_field import ReceptiveField, by_input, fields_of
from convcalc.report.sums import amount

# The fields of a row that do not depend on its place in the network, in the order of the JSON report. A field without
# a formula is an attribute of the facts.
_FIELDS = [
    (figure.json, figure.formula or attrgetter(figure.json))
    for figure in arrange(FIGURES, {"units": "buffers", "tied_to": "buffers"})
    if figure.json
]


class Row:
    """One layer. Counts are integers; None where they are unknown.

    A tied layer owns no parameters, and a frozen layer only frozen ones. `owned` are the facts with the parameters that
    the layer owns, `facts` the facts as if all its parameters were its own.
    """

    __slots__ = ("_analysis", "_node", "facts", "index", "owned")

    # A row refers to the analysis, not to the report: without a cycle an unused report needs no garbage collection.
    def __init__(self, analysis: Analysis, node: Node, facts: Facts, index: int) -> None:
        self._analysis = analysis
        self._node = node
        self.facts = facts
        self.index = index  # in the order in which the layers run
        self.owned = analysis.owned[index]

    def count(self, formula: Formula) -> int | None:
        """The result of a formula for the layer."""
        return formula(self.owned)

    @property
    def rows(self) -> list[Row]:
        """The layer alone; a folded line has several."""
        return [self]

    def __repr__(self) -> str:
        return f"<Row {self.name}: {self.type}, {format_shape(self.output_shape)}, {amount(self.params, 'param')}>"

    # -- its place -----------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def type(self) -> str:
        return self._node.layer.type.name

    @property
    def line(self) -> int:
        """The line of the file on which the entry is written."""
        return self._node.line

    @property
    def inputs(self) -> list[str]:
        """The names of the rows, or of the network's inputs, that it reads."""
        return [self._analysis.graph.tensor_name(tensor) for tensor in self._node.reads]

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        return self.facts.input_shapes

    @property
    def output_shape(self) -> Shape:
        return self.facts.output_shape

    @property
    def config(self) -> dict[str, Any]:
        """The layer's parameters, defaults filled in."""
        return self._node.layer.config()

    @property
    def tied_to(self) -> str | None:
        """The full name of the entry whose parameters it uses."""
        return self.owned.tied_to

    # -- its counts ----------------------------------------------------------------------------------------------------

    @property
    def params(self) -> int | None:
        """Parameters as the spec writes the layer."""
        return self.owned.params

    @property
    def weights(self) -> int | None:
        return self.owned.weights

    @property
    def biases(self) -> int | None:
        return self.owned.biases

    @property
    def trainable_params(self) -> int | None:
        return self.owned.trainable_params

    @property
    def frozen_params(self) -> int | None:
        return self.owned.frozen_params

    @property
    def buffers(self) -> int:
        return self.owned.buffers

    @property
    def params_shared(self) -> int | None:
        return self.owned.params_shared

    @property
    def params_unshared(self) -> int | None:
        return self.owned.params_unshared

    @property
    def params_fully_connected(self) -> int | None:
        return self.owned.params_fully_connected

    @property
    def connections(self) -> int | None:
        return self.owned.connections

    @property
    def macs(self) -> int | None:
        return self.owned.macs

    @property
    def flops(self) -> int | None:
        return self.owned.flops

    @property
    def units(self) -> int:
        return self.owned.units

    @property
    def output_elements(self) -> int:
        return self.owned.units

    # -- its receptive fields ------------------------------------------------------------------------------------------

    @property
    def receptive_fields(self) -> dict[str, ReceptiveField | None]:
        """The field towards each input of the network; None where the layer does not depend on the input."""
        return fields_of(self._analysis, self.index)

    @property
    def receptive_field(self) -> ReceptiveField | dict[str, ReceptiveField | None] | None:
        """The receptive field; by input name where there are several inputs."""
        fields = self.receptive_fields
        return fields if len(fields) > 1 else next(iter(fields.values()))

    @property
    def field_size(self) -> Any:
        """The size of the receptive field, one number per axis; by input name where there are several inputs."""
        return by_input(self.receptive_fields, lambda field: field and field.size)

    # -- as JSON -------------------------------------------------------------------------------------------------------

    def figures(self) -> dict[str, Any]:
        """The figures that do not depend on the place in the network: rows with the same `owned` facts share them."""
        owned = self.owned
        return {key: get(owned) for key, get in _FIELDS}

    def to_dict(self) -> dict[str, Any]:
        """The row of the JSON report."""
        return {
            "name": self.name,
            "type": self.type,
            "line": self.line,
            "inputs": self.inputs,
            **plain(self.figures()),
            "receptive_field": by_input(self.receptive_fields, lambda field: field and field.to_dict()),
        }


def plain(value: Any) -> Any:
    """The value with lists instead of tuples at every level, as in JSON."""
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
