"""Writes the figures that `convcalc zoo` reads, by analysing every shipped network: python docs/make_figures.py.

tests/specs/test_figures.py holds the file against the specs.
"""

from __future__ import annotations

from pathlib import Path

from convcalc.catalogue import figures

if __name__ == "__main__":
    text = "".join(figures.lines())  # all of it first: a spec that is wrong leaves the file as it is
    Path(figures.path()).write_text(text, encoding="utf-8", newline="\n")
