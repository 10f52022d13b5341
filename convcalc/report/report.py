"""A report: one row for each layer and the totals, as raw numbers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from convcalc.analysis.analyse import Analysis
from convcalc.arith.shape import Shape
from convcalc.arith.units import DTYPE_BITS, count_of
from convcalc.errors import UsageError
from convcalc.network.graph import Graph
from convcalc.problems import nearest
from convcalc.report.receptive_field import by_input, fields_of
from convcalc.report.rows import Row
from convcalc.report.sums import amount
from convcalc.report.totals import Totals

if TYPE_CHECKING:
    from pandas import DataFrame

    from convcalc.drawing.draw import Drawing

SCHEMA = "convcalc.report/1"


class Shown:
    """A value that `print` shows as a table, and a notebook as HTML."""

    def __str__(self) -> str:
        from convcalc.render.shown import text_in

        return text_in(self, "table").rstrip("\n")

    def to_markdown(self) -> str:
        """The text of `--format markdown`."""
        from convcalc.render.shown import text_in

        return text_in(self, "markdown")

    def to_csv(self) -> str:
        """The text of `--format csv`."""
        from convcalc.render.shown import text_in

        return text_in(self, "csv")

    def to_dataframe(self) -> DataFrame:
        """A pandas data frame: of a report every column of `--columns`, otherwise the records of `--format csv`.

        Counts are exact integers, and missing where they are unknown. Raises UsageError where pandas is not installed.
        """
        from convcalc.render.shown import frame

        return frame(self)

    def _repr_html_(self) -> str:
        """The tables for a notebook."""
        from convcalc.render.shown import fragment

        return fragment(self)


class Report(Shown):
    """The figures of one network: `rows`, `totals`, and the graph."""

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

    @cached_property
    def totals(self) -> Totals:
        # Of another report, not of this one: without a cycle an unused report needs no garbage collection.
        return Totals(Report(self.analysis, target=self.target, dtype=self.dtype, batch=self.batch))

    @cached_property
    def rows(self) -> list[Row]:
        """One row for each layer, in the order in which the layers run."""
        nodes = zip(self.graph.nodes, self.analysis.facts)
        return [Row(self.analysis, node, facts, index) for index, (node, facts) in enumerate(nodes)]

    def __repr__(self) -> str:
        params = amount(self.totals.params, "param")
        return f"<Report of {self.target or self.name}: {count_of(len(self.graph.nodes), 'layer')}, {params}>"

    def row(self, name: str) -> Row:
        """The row of that full name. Raises UsageError when there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        known = [row.name for row in self.rows]
        raise UsageError(f"{self.name or self.target} has no layer `{name}`", nearest(name, known))

    def output_sizes(self) -> Any:
        """The field size of the output; by output name and input name where there are several."""
        count = len(self.graph.inputs)
        by_output: dict[str, Any] = {}
        for name, tensor in self.graph.outputs.items():
            if tensor < count:
                by_output[name] = None
                continue
            by_output[name] = by_input(fields_of(self.analysis, tensor - count), lambda field: field and field.size)
        return by_output if len(by_output) > 1 else next(iter(by_output.values()), None)

    def head(self) -> dict[str, Any]:
        """The JSON report without its layers."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "name": self.name,
            "variant": self.variant,
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "outputs": {name: list(shape) for name, shape in self.outputs.items()},
            **self.graph.changed,
            "totals": self.totals.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """The report as plain dictionaries and lists: the data of `--format json`."""
        return {**self.head(), "layers": [row.to_dict() for row in self.rows]}

    def draw(
        self, kind: str = "graph", *, layer: str | None = None, depth: int | None = None, heat: str | None = None
    ) -> Drawing:
        """A drawing, which a notebook shows: of the graph, the maps, or the wiring of a layer.

        See convcalc.drawing.draw.draw.
        """
        from convcalc.drawing.draw import draw

        return draw(self, kind, layer=layer, depth=depth, heat=heat)
