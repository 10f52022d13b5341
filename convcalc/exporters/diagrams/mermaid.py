"""A diagram in the language of Mermaid, which GitHub shows in a README."""

from __future__ import annotations

from convcalc.drawing.graph.diagram import Box, Diagram, Frame
from convcalc.exporters.diagrams import lines_of

# The brackets around a text, by the kind of the box; a rectangle for all others.
_SHAPES = {"input": ('(["', '"])'), "output": ('(["', '"])'), "merge": ('(("', '"))')}


def text(diagram: Diagram) -> str:
    """The lines of a diagram."""
    lines = ["flowchart TD", *lines_of(diagram, _box, _opening, "end")]
    for edge in diagram.edges:
        label = f"|{edge.label}|" if edge.label else ""
        lines.append(f"  n{edge.source} -->{label} n{edge.target}")
    return "".join(f"{line}\n" for line in lines)


def _opening(frame: Frame) -> list[str]:
    return [f'subgraph g{frame.first}_{frame.last} ["{_escaped(frame.name)}"]']


def _box(number: int, box: Box) -> str:
    opening, closing = _SHAPES.get(box.kind, ('["', '"]'))
    return f"n{number}{opening}{'<br/>'.join(map(_escaped, box.lines))}{closing}"


def _escaped(text: str) -> str:
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
