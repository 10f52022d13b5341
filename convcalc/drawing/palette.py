"""The colours of drawings, on light and on dark pages."""

from __future__ import annotations

from re import sub

# kind: the fill and the line on a light page, and on a dark one. Text keeps a contrast of 7 to 1 on each fill.
COLOURS = {
    "input": ("#f6f8fa", "#8c959f", "#161b22", "#6e7681"),
    "output": ("#f6f8fa", "#8c959f", "#161b22", "#6e7681"),
    "conv": ("#ddf4ff", "#54aeff", "#0c2d6b", "#388bfd"),
    "dense": ("#fbefff", "#c297ff", "#3c1e70", "#a371f7"),
    "norm": ("#fff8c5", "#d4a72c", "#4b2900", "#bb8009"),
    "pool": ("#dafbe1", "#4ac26b", "#033a16", "#2ea043"),
    "activation": ("#ffebe9", "#ff8182", "#67060c", "#f85149"),
    "sequence": ("#ffeff7", "#ff80c8", "#5e103e", "#db61a2"),
    "merge": ("#ffffff", "#57606a", "#0d1117", "#8b949e"),
    "plain": ("#f6f8fa", "#afb8c1", "#161b22", "#484f58"),
    "added": ("#dafbe1", "#1a7f37", "#033a16", "#3fb950"),
    "removed": ("#ffebe9", "#cf222e", "#67060c", "#f85149"),
    "changed": ("#fff8c5", "#9a6700", "#4b2900", "#d29922"),
    "affected": ("#f6f8fa", "#d4a72c", "#161b22", "#845306"),
    "same": ("#f6f8fa", "#d0d7de", "#161b22", "#30363d"),
    "block": ("#eaeef2", "#57606a", "#21262d", "#8b949e"),
}
# The same for marks in a plot, which have no text on them: points, those on the front, and seven levels of a figure.
MARKS = {
    "dots": ("#8c959f", "#8c959f", "#6e7681", "#6e7681"),
    "front": ("#cf222e", "#cf222e", "#f85149", "#f85149"),
    "level0": ("#b6e3ff", "#57606a", "#0c2d6b", "#9198a1"),
    "level1": ("#80ccff", "#57606a", "#0d419d", "#9198a1"),
    "level2": ("#54aeff", "#57606a", "#1158c7", "#9198a1"),
    "level3": ("#218bff", "#57606a", "#1f6feb", "#9198a1"),
    "level4": ("#0969da", "#57606a", "#58a6ff", "#9198a1"),
    "level5": ("#033d8b", "#57606a", "#a5d6ff", "#9198a1"),
    "level6": ("#001436", "#57606a", "#f0f9ff", "#9198a1"),
}
INK = ("#1f2328", "#e6edf3")
FAINT = ("#57606a", "#9198a1")
PAPER = ("#ffffff", "#0d1117")
HEAT = ("#cf222e", "#f85149")
FONT = "Helvetica,Arial,'Liberation Sans',sans-serif"


def style(scope: str, kinds: set[str], extra: str) -> str:
    """The style of a drawing with boxes of these kinds; `extra` has rules of its own.

    A page or a notebook may show several drawings, and a rule holds for all of it: so each begins with the class
    `scope` of its own drawing.
    """
    light, dark = (sub(r"([^{}]+)\{", rf".{scope} \1{{", _rules(kinds, each)) for each in (0, 1))
    own = sub(r"([^{}]+)\{", rf".{scope} \1{{", extra)
    return f"{light}{own}@media (prefers-color-scheme:dark){{{dark}}}"


def _rules(kinds: set[str], dark: int) -> str:
    boxes = "".join(
        f".{kind}{{fill:{colours[2 * dark]};stroke:{colours[2 * dark + 1]}}}"
        for kind, colours in (*COLOURS.items(), *MARKS.items())
        if kind in kinds
    )
    ink, faint, paper, heat = INK[dark], FAINT[dark], PAPER[dark], HEAT[dark]
    return (
        f"{boxes}text{{fill:{ink}}}.note{{fill:{faint}}}.paper{{fill:{paper}}}.line{{stroke:{faint}}}"
        f".head{{fill:{faint}}}.frame{{stroke:{faint}}}.heat{{fill:{heat}}}"
    )
