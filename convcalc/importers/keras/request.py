"""What a translation of a layer is given: the layer, its settings, what it reads, and where its operations go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.model import Layer
from convcalc.importers.keras.settings import Settings
from convcalc.importers.keras.values import BrokenLayer, Value

# Calls a layer: what it reads, and the name that it has here.
Run = Callable[[Layer, list[Value], str], list[Value]]


@dataclass(slots=True)
class Request:
    """One call of a layer. In `args` and `kwargs` every tensor is a Value.

    `stated` is the shape of its output as the source states it, without the batch, in the order of Keras. `run` calls a
    layer inside it.
    """

    layer: Layer
    emitter: Emitter
    settings: Settings
    args: list[Any]
    kwargs: dict[str, Any]
    stated: Shape | None
    run: Run

    @property
    def inputs(self) -> list[Value]:
        """All tensors that it reads, in order."""
        return list(values_in([self.args, list(self.kwargs.values())]))

    @property
    def input(self) -> Value:
        inputs = self.inputs
        if not inputs:
            raise BrokenLayer("it reads no tensor")
        return inputs[0]

    def argument(self, index: int, name: str) -> Any:
        """An argument of the call, by place or by name; else the setting of that name."""
        if len(self.args) > index:
            return self.args[index]
        return self.kwargs[name] if name in self.kwargs else self.settings.get(name)


Translator = Callable[[Request], "Value | list[Value]"]


def values_in(value: Any) -> list[Value]:
    if isinstance(value, Value):
        return [value]
    if isinstance(value, list):
        return [found for item in value for found in values_in(item)]
    if isinstance(value, dict):
        return [found for item in value.values() for found in values_in(item)]
    return []
