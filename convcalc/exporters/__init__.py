"""Networks written for others: PyTorch source, ONNX, diagrams as text, specs. One module or folder a format."""

from __future__ import annotations

# The formats with the endings that choose them; what writes a format is imported when it is needed.
ENDINGS: dict[str, tuple[str, ...]] = {
    "pytorch": (".py",),
    "onnx": (".onnx",),
    "mermaid": (".mmd", ".mermaid"),
    "dot": (".dot", ".gv"),
    "spec": (".yaml", ".yml"),
}
