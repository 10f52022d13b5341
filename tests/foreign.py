"""The example of a network of another format, and its figures."""

from __future__ import annotations

from tests.workspace import ROOT

DIGITS = ROOT / "tests" / "data" / "import" / "digits.pt2"
PARAMS, MACS = 1_946, 352_880
