"""Further outputs of a layer, as the last state of a recurrent one: tensors by themselves, read by name."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.layers.base import Flow, Layer, LayerType


class FurtherOutput(Layer):
    """What a layer has beside its output, for those that read it by name: `lstm.h`, `pool.indices`.

    Shape:
        as the layer's page says: the last state and cell of recurrent layers, the indices of pooling and of topk, the
        weights of attention
    """

    is_further_output = True

    def __init__(self, owner: Layer, part: str, inputs: tuple[Shape, ...]) -> None:
        super().__init__(OUTPUT, {"owner": owner, "part": part, "owner_inputs": inputs})

    owner: Layer
    part: str
    owner_inputs: tuple[Shape, ...]

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.owner.further_shape(self.part, self.owner_inputs, inputs[0])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (self.owner.further_flow(self.part, self.owner_inputs, inputs[0]),)


OUTPUT = LayerType("output", FurtherOutput)
