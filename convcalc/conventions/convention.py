"""A convention: for each layer type the formulas by which a tool counts it, over the integers of the layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from convcalc.analysis.facts import Facts
from convcalc.arith.formula import Formula
from convcalc.arith.units import group_digits
from convcalc.errors import UsageError
from convcalc.layers.windows import WindowLayer


class Counted(Protocol):
    """The attributes of a layer that a convention reads; a row of a report has them."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def config(self) -> dict[str, Any]: ...
    @property
    def tied_to(self) -> str | None: ...
    @property
    def params(self) -> int | None: ...
    @property
    def trainable_params(self) -> int | None: ...
    @property
    def buffers(self) -> int: ...
    @property
    def macs(self) -> int | None: ...
    @property
    def flops(self) -> int | None: ...


class CountingRule:
    """How a tool counts a layer, and why its figure may differ from convcalc's.

    `where` must not be zero for the rule to apply; elsewhere the tool's figure is not known.
    """

    __slots__ = ("formula", "where", "why")

    def __init__(self, formula: str, why: str = "", where: str = "1") -> None:
        self.formula = Formula(formula)
        self.why = why
        self.where = Formula(where)


Rules = Mapping[str, CountingRule]


def rules(*entries: tuple[Iterable[str], CountingRule]) -> Rules:
    """The rule of each layer type; later rules replace earlier ones. A type may have a mode, `upsample:bilinear`."""
    return {name: rule for names, rule in entries for name in names}


class Convention:
    """The parameters and operations of a layer as one tool defines them.

    `tool` is the release that was measured; `unit` is the figure of convcalc to compare its operations with.
    `operations` is None for a tool that counts none. A layer type without a rule was not measured.
    """

    __slots__ = ("definition", "name", "operation_rules", "parameter_rules", "tool", "unit")

    def __init__(
        self, name: str, tool: str, definition: str, *, params: Rules, operations: Rules | None, unit: str = "macs"
    ) -> None:
        self.name = name
        self.tool = tool
        self.definition = definition
        self.parameter_rules = params
        self.operation_rules = operations
        self.unit = unit

    @property
    def note(self) -> str:
        return f"{self.name}: {self.definition} ({self.tool})"

    def params(self, layer: Counted) -> int | None:
        """The tool's parameters of the layer; None where they were not reproduced."""
        if not layer.facts.has_parameters and not layer.facts.buffers:
            return 0
        return _figure(self.parameter_rules, layer)

    def operations(self, layer: Counted) -> int | None:
        """The tool's operations of the layer; None where it counts none, or they were not reproduced."""
        if self.operation_rules is None:
            return None
        # What a layer has beside its output comes with the layer.
        return 0 if layer.facts.layer.is_further_output else _figure(self.operation_rules, layer)

    def unknown(self, layer: Counted) -> bool:
        """Whether the tool has a figure of this layer that was not reproduced."""
        return self.params(layer) is None or (self.operation_rules is not None and self.operations(layer) is None)

    def check(self, layers: Iterable[Counted]) -> None:
        """Raise UsageError for a network with layers that the convention does not cover."""
        unknown = [f"{layer.name} ({layer.type})" for layer in layers if self.unknown(layer)]
        if unknown:
            more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
            raise UsageError(
                f"the counts of {self.name} for {', '.join(unknown[:3])}{more} are not known",
                "a convention has only counts that were reproduced with the tool itself; leave --convention out",
            )

    def to_dict(self, layers: Iterable[Counted]) -> dict[str, Any]:
        """The convention and its figures of a network for the JSON report."""
        figures = {layer.name: {"params": self.params(layer), "operations": self.operations(layer)} for layer in layers}
        totals = {
            name: None
            if name == "operations" and self.operation_rules is None
            else sum([figure[name] or 0 for figure in figures.values()])
            for name in ("params", "operations")
        }
        return {
            "name": self.name,
            "tool": self.tool,
            "definition": self.definition,
            "totals": totals,
            "layers": figures,
        }

    def difference(self, layer: Counted) -> str:
        """The sentence on the differences between the tool's figures and convcalc's; empty where they agree."""
        parts = []
        for rules, noun, ours, theirs in (
            (self.parameter_rules, "parameters", layer.params, self.params(layer)),
            (self.operation_rules, "operations", getattr(layer, self.unit), self.operations(layer)),
        ):
            if theirs is not None and ours is not None and theirs != ours:
                why = (rules or {})[_key(rules or {}, layer)].why
                parts.append(f"{group_digits(theirs)} {noun} instead of {group_digits(ours)}: {why}")
        return f"{self.name} counts {'; and '.join(parts)}" if parts else ""


def _figure(rules: Rules, layer: Counted) -> int | None:
    rule = rules.get(_key(rules, layer))
    if rule is None or _beyond_other_tools(layer):
        return None
    values = _values(layer) if rule.formula.names() else {}
    return rule.formula(values) if rule.where(values) else None


def _key(rules: Rules, layer: Counted) -> str:
    by_mode = f"{layer.type}:{layer.config.get('mode')}"
    return by_mode if by_mode in rules else layer.type


def _beyond_other_tools(layer: Counted) -> bool:
    """Whether the layer has a feature that the tools do not have."""
    config = layer.config
    return (
        config.get("sharing", "full") != "full"
        or config.get("connection_table") is not None
        or config.get("bias") == "per_position"
        or layer.facts.layer.channel_axis > 0
    )


def _values(layer: Counted) -> dict[str, int]:
    """The integers that the formulas read.

    `weights` and `biases` are the ones that the layer uses. `params`, `trainable` and `buffers` are the ones that it
    owns: none for a tied layer. Parameters of the layer that are integers or booleans have their own names.
    """
    facts, config, built = layer.facts, layer.config, layer.facts.layer
    shape, output = facts.input_shapes[0], facts.output_shape
    values: dict[str, Any] = {name: int(value) for name, value in config.items() if isinstance(value, int)}
    values.update(built.values(facts.input_shapes, output))
    values.update(
        weights=facts.weights,
        biases=facts.biases,
        params=layer.params,
        trainable=layer.trainable_params,
        buffers=layer.buffers,
        macs=layer.macs,
        axes=len(shape) - 1,
        axis_size=shape[config["axis"]] if isinstance(config.get("axis"), int) else 0,
        # PyTorch allows `same` only with a stride of 1.
        same=config.get("padding") == "same" and set(config.get("stride", ())) == {1},
        # Unequal pads of a transposed convolution are cropped afterwards, and tools count the map before the crop.
        symmetric=not isinstance(built, WindowLayer) or all(a == b for a, b in built.pads(shape[1:])),
        divides=all(size % cells == 0 for size, cells in zip(shape[1:], output[1:])),
        counters="num_batches_tracked" in built.buffers() and layer.tied_to is None,
    )
    return values
