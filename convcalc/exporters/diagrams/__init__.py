"""The graph of a network as the text of a diagram."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.drawing.graph.diagram import Box, Diagram, Frame


def lines_of(
    diagram: Diagram, box: Callable[[int, Box], str], opening: Callable[[Frame], list[str]], closing: str
) -> list[str]:
    """The boxes of a diagram, a line each, inside the lines that open and close their frames."""

    def inside(numbers: range, frames: list[Frame], indent: str) -> list[str]:
        lines: list[str] = []
        number = numbers.start
        while number < numbers.stop:
            frame = next((each for each in frames if each.first == number and each.last < numbers.stop), None)
            if frame is None:
                lines.append(indent + box(number, diagram.boxes[number]))
                number += 1
                continue
            inner = [each for each in frames if each is not frame]
            lines += [indent + line for line in opening(frame)]
            lines += inside(range(frame.first, frame.last + 1), inner, indent + "  ")
            lines.append(indent + closing)
            number = frame.last + 1
        return lines

    return inside(range(len(diagram.boxes)), list(diagram.frames), "  ")
