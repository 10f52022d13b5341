"""How each layer type is written in ONNX, one module a family."""

from __future__ import annotations

from convcalc.exporters.onnx.rules import attention, elementwise, norms, recurrent, reshaping, windows
from convcalc.exporters.onnx.rules.register import Rule

RULES: dict[str, Rule] = {
    **windows.rules,
    **norms.rules,
    **elementwise.rules,
    **reshaping.rules,
    **attention.rules,
    **recurrent.rules,
}
