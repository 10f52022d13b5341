"""What each operator of ONNX is in the language: a table a family."""

from __future__ import annotations

from convcalc.importers.onnx.operators import (
    convolutions,
    elementwise,
    joining,
    normalisation,
    pooling,
    products,
    recurrent,
    reductions,
    reshaping,
    sampling,
)
from convcalc.importers.onnx.operators.elementwise import Handler

OPERATORS: dict[str, Handler] = {
    **convolutions.OPERATORS,
    **elementwise.OPERATORS,
    **joining.OPERATORS,
    **normalisation.OPERATORS,
    **pooling.OPERATORS,
    **products.OPERATORS,
    **recurrent.OPERATORS,
    **reductions.OPERATORS,
    **reshaping.OPERATORS,
    **sampling.OPERATORS,
}
