"""Analyses every shipped network and writes the figures for `convcalc zoo`: python docs/make_figures.py.

tests/specs/test_figures.py compares the file with the specs.
"""

from __future__ import annotations

from pathlib import Path

from convcalc.catalogue import figures

if __name__ == "__main__":
    text = "".join(figures.lines())  # before the file is opened: a wrong spec leaves it as it is
    Path(figures.path()).write_text(text, encoding="utf-8", newline="\n")
