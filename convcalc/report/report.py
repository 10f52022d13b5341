"""A report: one row a layer and the totals, as raw numbers. Nothing here is formatted for display."""

from __future__ import annotations

from typing import Any

from convcalc.analysis.analyse import Analysis
from convcalc.analysis.facts import Facts
from convcalc.arith.shape import Shape
from convcalc.arith.units import DTYPE_BITS
from convcalc.errors import UsageError
from convcalc.network.graph import Graph, Node
from convcalc.report.receptive_field import ReceptiveField, by_input
from convcalc.report.sums import added, changed, status, times

SCHEMA = "convcalc.report/1"
# Totals that are the sums of the rows' figures of the same name.
SUMMED = (
    "params", "trainable_params", "frozen_params", "buffers", "params_shared", "params_unshared",
    "params_fully_connected", "connections", "macs", "flops",
)  # fmt: skip


# What tied and frozen rows differ in from others of the same layer.
_OF_OWNED_PARAMETERS = (
    "params", "weights", "biases", "trainable_params", "buffers", "tied_to", "params_shared", "params_unshared",
    "params_fully_connected",
)  # fmt: skip


class Row:
    """One layer. Counts are integers, None where the layer does not tell them.

    A tied layer owns no parameters, a frozen one only frozen ones.
    """

    __slots__ = ("_analysis", "_node", "_facts", "_index")

    # Of the analysis, not of the report: without a circle a report that nobody needs leaves nothing to collect.
    def __init__(self, analysis: Analysis, node: Node, facts: Facts, index: int) -> None:
        self._analysis = analysis
        self._node = node
        self._facts = facts
        self._index = index

    @property
    def index(self) -> int:
        """The number of the layer in the order in which they run."""
        return self._index

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def type(self) -> str:
        return self._node.layer.type.name

    @property
    def line(self) -> int:
        """The line of the file on which the entry stands."""
        return self._node.line

    @property
    def inputs(self) -> list[str]:
        """The names of the rows, or of the network's inputs, that it reads."""
        return [self._analysis.graph.tensor_name(tensor) for tensor in self._node.reads]

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        return self._facts.input_shapes

    @property
    def output_shape(self) -> Shape:
        return self._facts.output_shape

    @property
    def config(self) -> dict[str, Any]:
        """The layer's parameters, defaults filled in."""
        return self._node.layer.config()

    @property
    def facts(self) -> Facts:
        return self._facts

    @property
    def tied_to(self) -> str | None:
        """The full name of the entry whose parameters it uses."""
        owner = self._node.tied_to
        return None if owner is None else self._analysis.graph.nodes[owner].name

    @property
    def weights(self) -> int | None:
        return 0 if self._node.tied_to is not None else self._facts.weights

    @property
    def biases(self) -> int | None:
        return 0 if self._node.tied_to is not None else self._facts.biases

    @property
    def params(self) -> int | None:
        """Parameters as the spec writes the layer."""
        return 0 if self._node.tied_to is not None else self._facts.params

    @property
    def trainable_params(self) -> int | None:
        if not self._node.trainable:
            return 0
        return 0 if self._node.tied_to is not None else self._facts.trainable_params

    @property
    def frozen_params(self) -> int | None:
        if not self._node.trainable:
            return self.params
        return 0 if self._node.tied_to is not None else self._facts.fixed

    @property
    def buffers(self) -> int:
        return 0 if self._node.tied_to is not None else self._facts.buffers

    @property
    def units(self) -> int:
        return self._facts.units

    @property
    def params_shared(self) -> int | None:
        return 0 if self._node.tied_to is not None else self._facts.shared

    @property
    def params_unshared(self) -> int | None:
        return 0 if self._tied_everywhere() else self._facts.unshared

    @property
    def params_fully_connected(self) -> int | None:
        return 0 if self._tied_everywhere() else self._facts.fully_connected

    def _tied_everywhere(self) -> bool:
        """Tied unshared weights can be one set only where the maps are of the same size."""
        owner = self._node.tied_to
        return owner is not None and self._analysis.facts[owner].input_shapes == self._facts.input_shapes

    @property
    def connections(self) -> int | None:
        return self._facts.connections

    @property
    def macs(self) -> int | None:
        return self._facts.macs

    @property
    def flops(self) -> int | None:
        return self._facts.flops

    @property
    def output_elements(self) -> int:
        return self._facts.units

    @property
    def receptive_fields(self) -> dict[str, ReceptiveField | None]:
        """For each input of the network, what a unit sees of it; None where the layer does not depend on it."""
        fields = {name: found[self._index] for name, found in self._analysis.fields.items()}
        return {name: None if field is None else ReceptiveField(field) for name, field in fields.items()}

    @property
    def receptive_field(self) -> ReceptiveField | dict[str, ReceptiveField | None] | None:
        """The receptive field, keyed by input name when there are several inputs."""
        fields = self.receptive_fields
        return fields if len(fields) > 1 else next(iter(fields.values()))

    def figures(self) -> dict[str, Any]:
        """What does not depend on the row's place in the network, tied and frozen rows apart."""
        figures = self._facts.figures()
        if not self.has_shared_figures:
            figures.update((name, getattr(self, name)) for name in _OF_OWNED_PARAMETERS)
        return figures

    @property
    def has_shared_figures(self) -> bool:
        """Whether `figures` are those of every other row of the same facts."""
        return self._node.trainable and self._node.tied_to is None

    def to_dict(self) -> dict[str, Any]:
        """The row as the JSON report has it."""
        return {
            "name": self.name,
            "type": self.type,
            "line": self.line,
            "inputs": self.inputs,
            **plain(self.figures()),
            "receptive_field": by_input(self.receptive_fields, lambda field: field and field.to_dict()),
        }


def plain(value: Any) -> Any:
    """Tuples as lists, all the way down: what JSON would make of it."""
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


class Totals:
    """The sums of the rows and the figures of the network as a whole; see `status` for those that are not complete."""

    params: int | None
    trainable_params: int | None
    frozen_params: int | None
    buffers: int
    params_shared: int | None
    params_unshared: int | None
    params_fully_connected: int | None
    connections: int | None
    macs: int | None
    flops: int | None

    def __init__(self, report: Report) -> None:
        rows = report.rows
        self.layers = len(rows)
        self.params = self.trainable_params = self.frozen_params = self.buffers = 0
        self.params_shared = self.params_unshared = self.params_fully_connected = 0
        self.connections = self.macs = self.flops = 0
        # Rows of the same figures are counted first and added up once: large networks repeat few layers.
        alike: dict[int, tuple[Row, int]] = {}
        for row in rows:
            key = id(row.facts) if row.has_shared_figures else id(row)
            alike[key] = row, alike[key][1] + 1 if key in alike else 1
        for name in SUMMED:
            setattr(self, name, added([times(getattr(row, name), count) for row, count in alike.values()]))
        self.activations = added([times(_activations(row.facts), count) for row, count in alike.values()])
        self.output_elements = sum([row.units * count for row, count in alike.values()])
        self.param_bytes = stored_bytes(self.params, report.dtype)
        self.peak_activation_bytes = -(-report.analysis.peak_elements * report.batch * DTYPE_BITS[report.dtype] // 8)
        self.receptive_field = report.output_sizes()

    @property
    def status(self) -> dict[str, str]:
        """By name, the totals that rest on unknown figures: `partial`, the sum of what is known, or `unknown`, None."""
        found = {name: status(getattr(self, name)) for name in (*SUMMED, "activations", "param_bytes")}
        return {name: word for name, word in found.items() if word}

    def to_dict(self) -> dict[str, Any]:
        incomplete = self.status
        return {**vars(self), "status": incomplete} if incomplete else dict(vars(self))


def stored_bytes(count: int | None, dtype: str) -> int | None:
    """The bytes that so many numbers of a type take, the last one filled up; no better known than the count."""
    bits = DTYPE_BITS[dtype]
    return changed(count, lambda numbers: -(-numbers * bits // 8))


def _activations(facts: Facts) -> int | None:
    return facts.units if facts.is_weighted else 0 if facts.is_weighted is False else None


class Report:
    """The figures of one network: `rows`, `totals`, and the graph they were made from."""

    def __init__(self, analysis: Analysis, *, target: str = "", dtype: str = "float32", batch: int = 1) -> None:
        if dtype not in DTYPE_BITS:
            raise UsageError(f"there is no dtype `{dtype}`", "use one of " + ", ".join(DTYPE_BITS))
        if batch < 1:
            raise UsageError(f"a batch of {batch} samples", "use a positive whole number")
        self.analysis = analysis
        self.graph: Graph = analysis.graph
        self.target = target
        self.dtype = dtype
        self.batch = batch
        self.rows = [
            Row(analysis, node, facts, index)
            for index, (node, facts) in enumerate(zip(self.graph.nodes, analysis.facts))
        ]
        self._totals: Totals | None = None

    @property
    def name(self) -> str:
        return self.graph.name

    @property
    def variant(self) -> str | None:
        return self.graph.variant

    @property
    def inputs(self) -> dict[str, Shape]:
        return self.graph.inputs

    @property
    def outputs(self) -> dict[str, Shape]:
        return {name: self.graph.shape(tensor) for name, tensor in self.graph.outputs.items()}

    @property
    def totals(self) -> Totals:
        if self._totals is None:
            self._totals = Totals(self)
        return self._totals

    def row(self, name: str) -> Row:
        """The row of that full name. Raises UsageError when there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        from convcalc.problems import nearest

        raise UsageError(
            f"{self.name or self.target} has no layer `{name}`", nearest(name, [r.name for r in self.rows])
        )

    def output_sizes(self) -> Any:
        """The receptive field's size of the output; by output name, and by input name, where there are several."""
        count = len(self.graph.inputs)
        by_output: dict[str, Any] = {}
        for name, tensor in self.graph.outputs.items():
            if tensor < count:
                by_output[name] = None
                continue
            fields = self.rows[tensor - count].receptive_fields
            by_output[name] = by_input(fields, lambda field: field and field.size)
        return by_output if len(by_output) > 1 else next(iter(by_output.values()), None)

    def receptive_field_map(self, layer: str, input: str | None = None) -> dict[str, Any]:
        """The boxes of every unit of a layer: per axis, one [first, last] a unit, None where it sees nothing.

        Raises UsageError for an unknown layer or input, or where the boxes are not known.
        """
        row = self.row(layer)
        name = input if input is not None else next(iter(self.graph.inputs))
        if name not in self.graph.inputs:
            raise UsageError(f"there is no input `{name}`", "the inputs are " + ", ".join(self.graph.inputs))
        field = self.analysis.fields[name][self.graph.nodes.index(row._node)]
        if field is None:
            raise UsageError(f"`{layer}` does not depend on the input `{name}`")
        clipped, unclipped = [], []
        for axis in field.axes:
            if axis is None or not axis.exact:
                raise UsageError(f"the boxes of `{layer}` are too irregular to be listed")
            clipped.append([_pair(axis.clipped(unit)) for unit in range(axis.units)])
            unclipped.append([_pair(axis.unclipped(unit)) for unit in range(axis.units)] if axis.tracks else None)
        return {"layer": layer, "input": name, "clipped": clipped, "unclipped": unclipped}

    def head(self) -> dict[str, Any]:
        """The JSON report without its layers."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "name": self.name,
            "variant": self.variant,
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "outputs": {name: list(shape) for name, shape in self.outputs.items()},
            "totals": self.totals.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """The report as plain dictionaries and lists: what `--format json` prints."""
        return {**self.head(), "layers": [row.to_dict() for row in self.rows]}

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        from convcalc.render.html import report_html

        return report_html(self)


def _pair(box: tuple[int, int] | None) -> list[int] | None:
    return None if box is None else list(box)
