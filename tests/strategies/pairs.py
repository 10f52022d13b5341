"""Two random networks: unlike ones, or one and what a few edits made of it."""

from __future__ import annotations

from hypothesis import strategies as st

import convcalc
from convcalc.report.report import Report
from tests.strategies.networks import Network, networks


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Report, Report]:
    """Two networks: unlike ones, or one and what a few edits of its lines make of it."""
    first: Network = draw(networks(draw(st.integers(1, 2))))
    if draw(st.integers(0, 2)) == 0:
        second = draw(networks(2)).text
    else:
        lines = first.text.splitlines()
        start = lines.index("layers:") + 1
        for _ in range(draw(st.integers(1, 3))):
            place = draw(st.integers(start, len(lines) - 1))
            if draw(st.booleans()) and len(lines) > start + 1:
                del lines[place]
            else:
                lines.insert(place, "  - relu")
        second = "\n".join(lines)
    old = convcalc.analyse(convcalc.loads(first.text))
    try:
        return old, convcalc.analyse(convcalc.loads(second))
    except convcalc.SpecError:  # what a line of it read is gone
        return old, convcalc.analyse(convcalc.loads(draw(networks(1)).text))
