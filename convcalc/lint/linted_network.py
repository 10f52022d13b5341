"""A network for the rules: its rows in the order in which they run, with the rows that each reads and its readers."""

from __future__ import annotations

from convcalc.language.spec import Entry
from convcalc.layers.base import Layer
from convcalc.network.graph import Node
from convcalc.report.report import Report
from convcalc.report.rows import Row


class Network:
    """One network with its report. A row of the report is a layer; the network has the neighbours of each row."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.graph = report.graph
        self.rows = report.rows
        first = len(self.graph.inputs)  # the inputs of the network are its first tensors
        self.outputs = {self.rows[tensor - first] for tensor in self.graph.outputs.values() if tensor >= first}
        self._reads: list[tuple[Row | None, ...]] = []
        self._readers: list[list[Row]] = [[] for _ in self.rows]
        self._of_class: dict[type[Layer], list[Row]] = {}
        for row, node in zip(self.rows, self.graph.nodes):
            reads = tuple([self.rows[tensor - first] if tensor >= first else None for tensor in node.reads])
            self._reads.append(reads)
            for read in reads:
                if read is not None:
                    self._readers[read.index].append(row)
            self._of_class.setdefault(type(node.layer), []).append(row)

    def of(self, *classes: type[Layer]) -> list[Row]:
        """The rows whose layer is of one of the classes, in the order in which they run."""
        found = [rows for layer, rows in self._of_class.items() if issubclass(layer, classes)]
        if len(found) == 1:
            return found[0]
        return sorted((row for rows in found for row in rows), key=lambda row: row.index)

    def reads(self, row: Row) -> tuple[Row | None, ...]:
        """The rows that a row reads, in its order; None for an input of the network."""
        return self._reads[row.index]

    def readers(self, row: Row) -> list[Row]:
        """The rows that read a row; a row that reads it twice is in the list twice."""
        return self._readers[row.index]

    def node(self, row: Row) -> Node:
        """The node of the graph that a row reports."""
        return self.graph.nodes[row.index]

    def entry(self, row: Row) -> Entry:
        """The entry of a row; an entry in a block may have many rows."""
        return self.graph.nodes[row.index].entry
