"""What an expansion meets: entries by their full names, and what references stand for."""

from __future__ import annotations

from contextlib import suppress
from textwrap import dedent

from convcalc.errors import SpecError
from convcalc.language.parse import parse
from convcalc.network.build import build
from convcalc.network.trace import Trace
from convcalc.text.source import Source

SPEC = """\
    input: [3, 8, 8]
    blocks:
      unit:
        layers:
          - relu: {name: a}
          - sequential: {name: inner, layers: [{tanh: {name: b}}]}
    layers:
      - unit: {name: u, repeat: 2}
      - relu: {name: c, when: false}
      - relu: {rows: [[name], [d], [e]]}
      - add: {name: sum, from: [u.*.a, u.inner.b, c, e]}
    """


def traced(text: str) -> Trace:
    trace = Trace()
    with suppress(SpecError):
        build(*parse(Source("spec.yaml", dedent(text))), trace=trace)
    return trace


def test_every_name_is_met_with_its_entry() -> None:
    met = {name: entry.mark >> 28 for name, (entry, _) in traced(SPEC).entries.items()}
    assert met == {
        "u": 7, "u.0": 7, "u.0.a": 4, "u.0.inner": 5, "u.0.inner.b": 5, "u.1": 7, "u.1.a": 4, "u.1.inner": 5,
        "u.1.inner.b": 5, "c": 8, "d": 9, "e": 9, "sum": 10,
    }  # fmt: skip


def test_a_reference_stands_for_full_names() -> None:
    found = {reference.text: reference.names for reference in traced(SPEC).references}
    assert found == {
        "u.*.a": [["u"], ["u.0", "u.1"], ["u.0.a", "u.1.a"]],
        "u.inner.b": [["u"], ["u.1.inner"], ["u.1.inner.b"]],
        "c": [["c"]],
        "e": [["e"]],
    }


def test_what_cannot_be_built_is_met_as_well() -> None:
    trace = traced("input: [3, 8, 8]\nlayers:\n  - conv2d: {name: a, kernel_size: 99}\n  - relu: {from: a}\n")
    assert list(trace.entries) == ["a", "relu_1"]
    assert [reference.text for reference in trace.references] == ["a"]
