"""A diagram in the language of Graphviz."""

from __future__ import annotations

from convcalc.drawing.graph.diagram import Box, Diagram, Frame
from convcalc.exporters.diagrams import lines_of

_SHAPES = {"input": "oval", "output": "oval", "merge": "circle"}


def text(diagram: Diagram, name: str) -> str:
    """The lines of a diagram."""
    lines = [f"digraph {_quoted(name)} {{", '  node [shape=box, fontname="sans-serif"];']
    lines += lines_of(diagram, _box, _opening, "}")
    for edge in diagram.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  n{edge.source} -> n{edge.target}{label};")
    return "".join(f"{line}\n" for line in [*lines, "}"])


def _opening(frame: Frame) -> list[str]:
    return [f"subgraph cluster_{frame.first}_{frame.last} {{", f"  label={_quoted(frame.name)};"]


def _box(number: int, box: Box) -> str:
    shape = f", shape={_SHAPES[box.kind]}" if box.kind in _SHAPES else ""
    return f"n{number} [label={_quoted(chr(10).join(box.lines))}{shape}];"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
