"""Networks written for others: source for PyTorch and Keras, ONNX, diagrams as text, specs."""

from __future__ import annotations

# The formats with the endings that choose them; what writes a format is imported when it is needed.
ENDINGS: dict[str, tuple[str, ...]] = {
    "pytorch": (".py",),
    "keras": (),
    "onnx": (".onnx",),
    "mermaid": (".mmd", ".mermaid"),
    "dot": (".dot", ".gv"),
    "spec": (".yaml", ".yml"),
}
