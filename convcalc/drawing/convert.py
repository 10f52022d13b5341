"""Other formats of a drawing, by a library that is an option of the installation."""

from __future__ import annotations

from typing import Any

from convcalc.errors import UsageError
from convcalc.extras import how_to_add

FORMATS = ("png", "pdf")
PIXELS = 2  # of a PNG for each unit of the drawing, for screens with fine pixels


def converter(format_: str) -> Any:
    """The library that writes a format. Raises UsageError where it is missing."""
    try:
        import cairosvg  # an option: only for these formats
    except ImportError:
        raise UsageError(
            f"a drawing as {format_.upper()} needs CairoSVG", f"install it with: {how_to_add('draw')}"
        ) from None
    except OSError:  # it is there, but not the library that it loads
        raise UsageError(
            f"a drawing as {format_.upper()} needs the cairo library",
            "install it: apt install libcairo2, brew install cairo, or the GTK runtime on Windows",
        ) from None
    return cairosvg


def converted(drawing: str, format_: str) -> bytes:
    """An SVG as PNG or PDF. Raises UsageError where the library is missing."""
    cairosvg = converter(format_)
    data = drawing.encode()
    if format_ == "pdf":
        return bytes(cairosvg.svg2pdf(bytestring=data))
    return bytes(cairosvg.svg2png(bytestring=data, scale=PIXELS))
