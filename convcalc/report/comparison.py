"""Comparisons: one network with three wirings, several networks, or several layers side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from convcalc.analysis.facts import Facts
from convcalc.analysis.without_pooling import without_pooling as graph_without_pooling
from convcalc.errors import UsageError
from convcalc.layers.dense import Linear
from convcalc.network.graph import Graph
from convcalc.report import figures
from convcalc.report.figures import arrange, wirings
from convcalc.report.networks import figures as of_network
from convcalc.report.networks import ratios
from convcalc.report.report import Report, Shown
from convcalc.report.rows import Row, plain
from convcalc.report.sums import add_up, ratio, stored_bytes
from convcalc.text.files import target_label

SCHEMA = "convcalc.comparison/1"
# The figures that layers are compared by: the wirings from the largest count to the one of the spec.
ATTRIBUTES = arrange(
    figures.attributes(),
    {"params": "params_fully_connected", "params_shared": "params_unshared", "units": "output_shape"},
)


class Ladder:
    """The parameters of some layers if fully connected, without sharing and with sharing.

    `left_out` are the layers with unknown counts.
    """

    __slots__ = ("fully_connected", "left_out", "shared", "unshared")

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self.fully_connected = add_up([row.params_fully_connected for row in rows])
        self.unshared = add_up([row.params_unshared for row in rows])
        self.shared = add_up([row.params_shared for row in rows])
        # Such a layer has none of the three counts: the factors are for the other layers.
        self.left_out = [row for row in rows if row.params_fully_connected is None]

    @property
    def saved_by_locality(self) -> float | None:
        """The factor from fully connected to unshared; None where the divisor is 0."""
        return ratio(self.fully_connected, self.unshared)

    @property
    def saved_by_sharing(self) -> float | None:
        """The factor from unshared to shared; None where the divisor is 0."""
        return ratio(self.unshared, self.shared)

    @property
    def saved_by_both(self) -> float | None:
        """The factor from fully connected to shared; None where the divisor is 0."""
        return ratio(self.fully_connected, self.shared)

    def to_dict(self) -> dict[str, Any]:
        left_out = {"left_out": [row.name for row in self.left_out]} if self.left_out else {}
        return {
            **left_out,
            "params_fully_connected": self.fully_connected,
            "params_unshared": self.unshared,
            "params_shared": self.shared,
            "saved_by_locality": self.saved_by_locality,
            "saved_by_sharing": self.saved_by_sharing,
            "saved_by_both": self.saved_by_both,
        }


class DenseCost:
    """The parameters of the dense layers, by name, with the network's pooling and without it."""

    __slots__ = ("layers",)

    def __init__(self, graph: Graph) -> None:
        before, after = _dense_params(graph), _dense_params(graph_without_pooling(graph))
        self.layers = {name: (before[name], after[name]) for name in before}

    @property
    def totals(self) -> tuple[int, int]:
        return sum(before for before, _ in self.layers.values()), sum(after for _, after in self.layers.values())

    def to_dict(self) -> dict[str, Any]:
        before, after = self.totals
        layers = [
            {"name": name, "params": with_pooling, "params_without_pooling": without}
            for name, (with_pooling, without) in self.layers.items()
        ]
        return {"layers": layers, "params": before, "params_without_pooling": after, "factor": ratio(after, before)}


class Comparison(Shown):
    """One network's layers with three wirings, several networks, or several layers.

    A target with a layer (`alexnet#conv1`) means this layer alone; `layer` is the layer of targets without one.
    `without_pooling` adds the parameters of the dense layers of a single network without its pooling.

    Raises UsageError for a layer that does not exist, where only some networks have a layer, or for `without_pooling`
    with anything but a single network.
    """

    def __init__(self, reports: Sequence[Report], *, layer: str | None = None, without_pooling: bool = False) -> None:
        if not reports:
            raise UsageError("there is nothing to compare", "give a target")
        self.reports = list(reports)
        wanted = [report.target.partition("#")[2] or layer for report in self.reports]
        self.layers = [report.row(name) for report, name in zip(self.reports, wanted, strict=True) if name]
        if self.layers and len(self.layers) < len(self.reports):
            missing = self.labels[wanted.index(None)]
            raise UsageError(f"{missing} has no layer to compare", f"write {missing}#LAYER, or --layer for all")
        if without_pooling and (self.layers or len(self.reports) > 1):
            raise UsageError("only a single network can be compared without its pooling", "give one TARGET, no layer")
        self.dense = DenseCost(self.reports[0].graph) if without_pooling else None

    @property
    def labels(self) -> list[str]:
        """The targets of the reports; the name of a report that has no target."""
        return [target_label(report.target.partition("#")[0]) or report.name for report in self.reports]

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(report.target or report.name for report in self.reports)}>"

    @property
    def rows(self) -> list[Row]:
        """The layers of the first network that have parameters."""
        return [row for row in self.reports[0].rows if row.facts.has_parameters]

    @property
    def ladder(self) -> Ladder:
        """The parameters of all layers of the first network."""
        return Ladder(self.rows)

    @property
    def sliding(self) -> Ladder | None:
        """The parameters of its layers that slide over positions; None where all layers do, or none."""
        rows = self.rows
        rows = [row for row in rows if row.params_fully_connected is not None]
        sliding = [row for row in rows if row.params_fully_connected != row.params_shared]
        return Ladder(sliding) if 0 < len(sliding) < len(rows) else None

    @property
    def bytes(self) -> dict[str, int | None]:
        """The memory of the parameters of the first network with each wiring."""
        ladder, dtype = self.ladder, self.reports[0].dtype
        counts = {"fully_connected": ladder.fully_connected, "unshared": ladder.unshared, "shared": ladder.shared}
        return {name: stored_bytes(count, dtype) for name, count in counts.items()}

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain dictionaries and lists: the data of `--format json`."""
        if self.layers:
            layers = [{"target": label, **attributes(row)} for label, row in zip(self.labels, self.layers, strict=True)]
            return {"schema": SCHEMA, **self._changed, "layers": layers}
        if len(self.reports) > 1:
            pairs = zip(self.labels, self.reports, strict=True)
            first = self.reports[0]
            networks = [{"target": label, **of_network(report), **ratios(report, first)} for label, report in pairs]
            return {"schema": SCHEMA, **self._changed, "networks": networks}
        return {
            "schema": SCHEMA,
            "target": self.labels[0],
            "name": self.reports[0].name,
            "variant": self.reports[0].variant,
            **self.reports[0].graph.changed,
            "layers": [_wirings(row) for row in self.rows],
            "ladder": {**self.ladder.to_dict(), "bytes": self.bytes},
            "sliding_layers": self.sliding and self.sliding.to_dict(),
            "without_pooling": self.dense and self.dense.to_dict(),
        }

    @property
    def _changed(self) -> dict[str, Any]:
        """What the call changed of the layers of each network, by target."""
        changed = {label: report.graph.changed for label, report in zip(self.labels, self.reports, strict=True)}
        lists = {label: each["changed"] for label, each in changed.items() if each}
        return {"changed": lists} if lists else {}


def attributes(row: Row) -> dict[str, Any]:
    """The attributes of a layer as in textbooks; None for a missing one. `maps` counts output channels."""
    config = plain(row.config) if row.facts.layer.parameters else {}  # parameters of a custom type may have any meaning
    window = {name: config.get(name) for name in ("kernel_size", "stride", "padding")}
    return {
        "layer": row.name,
        "type": row.type,
        "input_shape": list(row.input_shapes[0]) if row.input_shapes else None,
        **window,
        "maps": row.output_shape[row.facts.layer.output_channel_axis] if len(row.output_shape) > 1 else None,
        **{figure.name: plain(figure.of_layer(row)) for figure in ATTRIBUTES},
    }


def _wirings(row: Row) -> dict[str, Any]:
    shared = (
        row.params_shared if row.tied_to is None else 0
    )  # a tied layer has no full count of its own to compare with
    return {
        "name": row.name,
        "type": row.type,
        "output_shape": list(row.output_shape),
        **{figure.name: figure.of_layer(row) for figure in wirings()},
        "unshared_over_shared": ratio(row.params_unshared, shared),
        "fully_connected_over_shared": ratio(row.params_fully_connected, shared),
    }


def _dense_params(graph: Graph) -> dict[str, int]:
    found = {}
    for node in graph.nodes:
        if isinstance(node.layer, Linear) and node.tied_to is None:
            facts = Facts(node.layer, graph.input_shapes(node), node.output_shape)
            assert facts.params is not None  # only a custom type may have an unknown count
            found[node.name] = facts.params
    return found
