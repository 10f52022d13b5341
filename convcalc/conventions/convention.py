"""A convention: for each layer type the formulas by which a tool counts it, over the integers that a layer knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from convcalc.analysis.facts import Facts
from convcalc.arith.formula import Formula
from convcalc.arith.units import group_digits
from convcalc.errors import UsageError
from convcalc.layers.windows import WindowLayer


class Counted(Protocol):
    """What a convention reads of a layer; a report's row has it."""

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
    """How a tool counts a layer, and why its figure differs from convcalc's where it does.

    `where` is the value that must not be zero for the rule to hold; elsewhere the tool's figure is not known.
    """

    __slots__ = ("formula", "where", "why")

    def __init__(self, formula: str, why: str = "", where: str = "1") -> None:
        self.formula = Formula(formula)
        self.why = why
        self.where = Formula(where)


Rules = Mapping[str, CountingRule]


def rules(*entries: tuple[Iterable[str], CountingRule]) -> Rules:
    """The rule of each layer type, the last one given; a type may name its mode, as `upsample:bilinear`."""
    return {name: rule for names, rule in entries for name in names}


class Convention:
    """The parameters and operations of a layer as one tool defines them.

    `tool` is the release from which the rules were taken; `unit` the figure of convcalc that its operations are to be
    compared with. `operations` is None for a tool that counts none. A layer type without a rule was not reproduced.
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
        """The parameters that the tool gives the layer; None where that was not reproduced."""
        if not layer.facts.has_parameters and not layer.facts.buffers:
            return 0
        return _figure(self.parameter_rules, layer)

    def operations(self, layer: Counted) -> int | None:
        """The operations that the tool gives the layer; None where it counts none or that was not reproduced."""
        if self.operation_rules is None:
            return None
        # What a layer has beside its output comes with the layer.
        return 0 if layer.facts.layer.is_further_output else _figure(self.operation_rules, layer)

    def unknown(self, layer: Counted) -> bool:
        """Whether a figure of this layer, which the tool would give, was not reproduced."""
        return self.params(layer) is None or (self.operation_rules is not None and self.operations(layer) is None)

    def check(self, layers: Iterable[Counted]) -> None:
        """Raise UsageError for a network with layers that the convention does not cover."""
        unknown = [f"{layer.name} ({layer.type})" for layer in layers if self.unknown(layer)]
        if unknown:
            more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
            raise UsageError(
                f"what {self.name} counts for {', '.join(unknown[:3])}{more} is not known",
                "a convention holds only what was reproduced with the tool itself; leave --convention out",
            )

    def to_dict(self, layers: Iterable[Counted]) -> dict[str, Any]:
        """The convention and its figures of a network as the JSON report has them."""
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
        """The sentence that says where the tool's figures are others than convcalc's; empty where they are not."""
        parts = []
        for rules, noun, ours, theirs in (
            (self.parameter_rules, "parameters", layer.params, self.params(layer)),
            (self.operation_rules, "operations", getattr(layer, self.unit), self.operations(layer)),
        ):
            if theirs is not None and ours is not None and theirs != ours:
                why = (rules or {})[_key(rules or {}, layer)].why
                parts.append(f"{group_digits(theirs)} {noun} in place of {group_digits(ours)}: {why}")
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
    """Whether the layer has what the tools' own layers cannot have."""
    config = layer.config
    return (
        config.get("sharing", "full") != "full"
        or config.get("connection_table") is not None
        or config.get("bias") == "per_position"
        or layer.facts.layer.channel_axis > 0
    )


def _values(layer: Counted) -> dict[str, int]:
    """The integers that the formulas read.

    `weights` and `biases` are those in use, `params`, `trainable` and `buffers` those that the layer owns: none where
    it is tied. Parameters of the layer that are whole numbers or switches have their own names.
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
        # PyTorch takes the word `same` for a stride of 1 only.
        same=config.get("padding") == "same" and set(config.get("stride", ())) == {1},
        # Unequal pads are cut off a transposed convolution afterwards, and tools count what was there before.
        symmetric=not isinstance(built, WindowLayer) or all(a == b for a, b in built.pads(shape[1:])),
        divides=all(size % cells == 0 for size, cells in zip(shape[1:], output[1:])),
        counters="num_batches_tracked" in built.buffers() and layer.tied_to is None,
    )
    return values
