"""What the names in the expressions of a sweep mean: a varied key, a figure of the network, a figure of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from convcalc.analysis.analyse import Analysis
from convcalc.language.expression_errors import ExpressionError
from convcalc.network.graph import Graph
from convcalc.problems import nearest
from convcalc.report.figure import FIELD, LAYER, Figure
from convcalc.report.figures import BY_NAME, columns, shapes_of_layers, totals
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import Partial
from convcalc.sweeping.sizes import UnknownFigure, comparable
from convcalc.text.source import as_plain

OF_NETWORK = {figure.name: figure for figure in [*totals(), *shapes_of_layers()]}
# The headings of the tables are names as well: `field` is the receptive field.
HEADINGS = {figure.header: figure.name for figure in OF_NETWORK.values() if figure.header not in OF_NETWORK}
OF_LAYER = {name: figure for name, figure in {**columns(), **BY_NAME}.items() if figure.of != "network"}
FIELD_FIGURES = (FIELD, "clipped", "field_stride", "field_padding")


class Quantity(NamedTuple):
    """A varied key, a figure of the network, or a figure or parameter of a layer, which then is not empty."""

    kind: str
    name: str
    layer: str = ""

    @property
    def is_total(self) -> bool:
        """Whether it is a figure of the network."""
        return self.kind == TOTAL

    @property
    def needs_fields(self) -> bool:
        """Whether receptive fields must be known for it."""
        return self.kind != VARIED and self.name in FIELD_FIGURES


LAYERS_NAMED = 4  # in a message
VARIED, TOTAL, OF_ONE_LAYER = "varied", "total", "layer"


class Candidate:
    """One network of a sweep: its varied values, and its figures when they are read. It may not be built yet."""

    __slots__ = ("_by_name", "_report", "graph", "values")

    def __init__(self, values: Mapping[str, Any], graph: Graph | None = None) -> None:
        self.values = values
        self.graph = graph
        self._report: Report | None = None
        self._by_name: dict[str, Row] | None = None

    @property
    def report(self) -> Report:
        """The figures of the network."""
        if self._report is None:
            assert self.graph is not None  # what is not built yet has varied values only
            self._report = Report(Analysis(self.graph))
        return self._report

    @property
    def _rows(self) -> dict[str, Row]:
        if self._by_name is None:
            self._by_name = {row.name: row for row in self.report.rows}
        return self._by_name

    def raw(self, quantity: Quantity) -> Any:
        """A value as it is; None where it is not known. Raises ExpressionError where the network has no such layer."""
        kind, name, layer = quantity
        if kind == TOTAL:
            return OF_NETWORK[name].of_network(self.report)
        if kind == VARIED:
            return self.values[name]
        if layer not in self._rows:
            some = list(self._rows)[:LAYERS_NAMED]
            help = nearest(layer, self._rows) or f"its layers are {', '.join(some)}, …"
            raise ExpressionError(f"there is no layer `{layer}`", help, layer)
        return _of_layer(self._rows[layer], name)

    def known(self, quantity: Quantity) -> Any:
        """A value for an expression: sizes compare along every axis. Raises UnknownFigure where it is not known."""
        value = self.raw(quantity)
        if value is None and quantity.kind == VARIED:
            return None
        if type(value) is Partial:
            raise UnknownFigure
        return comparable(value)


def _of_layer(row: Row, name: str) -> Any:
    figure: Figure | None = OF_LAYER.get(name)
    config = row.config
    if figure is not None and not (name in config and figure.of == LAYER):
        value = figure.of_layer(row)
        if figure.name == "input_shape" and len(value) == 1:
            return value[0]
        if isinstance(value, dict) and len(value) == 1:
            return next(iter(value.values()))
        return value
    if name in config:
        return as_plain(config[name])
    known = [*OF_LAYER, *config]
    raise ExpressionError(f"the layer `{row.name}` has no figure `{name}`", nearest(name, known), name)
