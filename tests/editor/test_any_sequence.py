"""Any sequence of edits, undos and redos: the bytes come back, and the figures are those of the text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import convcalc
from convcalc.editor import Outcome, Session
from convcalc.editor.files import Storage
from convcalc.editor.reading import Origin
from convcalc.errors import SpecError
from convcalc.text.source import Source
from tests.editor.conftest import is_valid
from tests.editor.test_edits import BLOCKS, CHAIN, ROWS

REFERENCES = """\
input: [3, 8, 8]   # small
layers:
  # the first pair
  - conv2d: {name: a, out_channels: 3, kernel_size: 3, padding: 1}
  - relu
  - conv2d: {name: b, out_channels: 3, kernel_size: 1, tied: null}

  - parallel:
      name: fork
      branches:
        - - tanh: {name: left}
        - []
  - slice: {axis: 0, start: 0, stop: 3}
  - add: {from: [previous, a, relu_1]}
outputs: [add_1]
expect: {layers: {a: {params: 84}}}
"""
KEYS = ["kernel_size", "out_channels", "stride", "padding", "name", "from", "repeat", "trainable", "out", "kernel"]
VALUES: list[Any] = ["1", "2", "3", "same", "=width", "=1 + 2", [1, 3], "[2", "a", "true", 0, "previous"]
ENTRIES: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}), ("tanh", {"name": "t"}), ("conv2d", {"out_channels": 3, "kernel_size": "3", "padding": "same"}),
    ("sequential", {"layers": ["relu"]}), ("unit", {"out": 2}), ("conv2d", {}),
]  # fmt: skip
values, keys, numbers = st.sampled_from(VALUES), st.sampled_from(KEYS), st.integers(0, 30)


class Sessions(RuleBasedStateMachine):
    """A session beside the texts that it went through."""

    @initialize(text=st.sampled_from([CHAIN, BLOCKS, ROWS, REFERENCES]), windows=st.booleans(), mark=st.booleans())
    def start(self, text: str, windows: bool, mark: bool) -> None:
        text = "\ufeff" * mark + (text.replace("\n", "\r\n") if windows else text)
        origin = Origin("net.yaml", Source("net.yaml", "", ""), "float32", 1)
        self.session = Session(Storage(text, None, None), origin)
        self.texts = [text]
        self.place = 0
        self.checked = ""

    def layer(self, number: int) -> str:
        assert self.session.report is not None  # each text that is started with builds
        names = [row.name for row in self.session.report.rows]
        names += [name.rpartition(".")[0] for name in names if "." in name] + ["nowhere"]
        return names[number % len(names)]

    def note(self, outcome: Outcome) -> None:
        if self.session.text != self.texts[self.place]:
            assert outcome.changed
            self.texts = [*self.texts[: self.place + 1], self.session.text]
            self.place += 1
        else:
            assert not outcome.changed

    @rule(number=numbers, key=keys, value=values, only_if_valid=st.booleans())
    def set(self, number: int, key: str, value: Any, only_if_valid: bool) -> None:
        outcome = self.session.set(self.layer(number), key, value, only_if_valid=only_if_valid)
        self.note(outcome)
        assert not (outcome.changed and only_if_valid and outcome.problems)

    @rule(number=numbers, key=keys, value=values)
    def set_origin(self, number: int, key: str, value: Any) -> None:
        self.note(self.session.set_origin(self.layer(number), key, value))

    @rule(number=numbers, key=keys)
    def unset(self, number: int, key: str) -> None:
        self.note(self.session.unset(self.layer(number), key))

    @rule(number=numbers, entry=st.sampled_from(ENTRIES), where=st.sampled_from(["after", "before", "into"]))
    def add(self, number: int, entry: tuple[str, dict[str, Any]], where: str) -> None:
        place: dict[str, Any] = {where: self.layer(number)}
        self.note(self.session.add(*entry, **place))

    @rule(number=numbers)
    def remove(self, number: int) -> None:
        self.note(self.session.remove(self.layer(number)))

    @rule(number=numbers, by=st.integers(-3, 3).filter(bool))
    def move(self, number: int, by: int) -> None:
        self.note(self.session.move(self.layer(number), by))

    @rule(number=numbers, name=st.sampled_from(["a", "b", "other", "relu_1", "1"]))
    def rename(self, number: int, name: str) -> None:
        was_current, before = self.session.is_current, self.session.report
        outcome = self.session.rename(self.layer(number), name)
        self.note(outcome)
        if outcome.changed and was_current:
            assert before is not None
            assert self.session.report is not None
            assert is_valid(outcome)
            assert [figures(row) for row in before.rows] == [figures(row) for row in self.session.report.rows]

    @rule(shape=st.sampled_from(["3x8x8", "3x16x16", "1x5x7", "[3, =width, 9]", "3"]))
    def set_input(self, shape: str) -> None:
        self.note(self.session.set_input(shape))

    @rule(name=st.sampled_from(["width", "depth", "nothing"]), value=values)
    def set_param(self, name: str, value: Any) -> None:
        self.note(self.session.set_param(name, value))

    @rule(name=st.sampled_from([None, "wide", "big"]))
    def set_variant(self, name: str | None) -> None:
        self.session.set_variant(name)
        self.checked = ""

    @precondition(lambda self: self.place > 0)
    @rule()
    def undo(self) -> None:
        assert self.session.undo().changed
        self.place -= 1

    @precondition(lambda self: self.place + 1 < len(self.texts))
    @rule()
    def redo(self) -> None:
        assert self.session.redo().changed
        self.place += 1

    @invariant()
    def the_figures_are_those_of_the_text(self) -> None:
        session = self.session
        assert session.text == self.texts[self.place]
        if session.text == self.checked:
            return
        self.checked = session.text
        graph, problems = self.built()
        if graph is None:
            assert not session.is_current
            assert [str(problem) for problem in session.problems] == problems
            return
        assert session.is_current
        assert session.problems == []
        assert session.report is not None
        expected = convcalc.analyse(graph).to_dict()
        found = session.report.to_dict()
        assert {**found, "target": ""} == {**expected, "target": ""}
        assert session.baseline is None or session.difference() is not None

    def built(self) -> tuple[convcalc.Graph | None, list[str]]:
        """The network of the present text, read afresh, and why there is none."""
        try:
            return convcalc.loads(self.session.document.body, variant=self.session.variant, name="net.yaml"), []
        except SpecError as error:
            return None, [str(problem) for problem in error.problems]

    def teardown(self) -> None:
        session = getattr(self, "session", None)
        if session is None:
            return
        while session.history:
            session.undo()
        assert session.text == self.texts[0]
        assert not session.is_modified
        while session.undone:
            session.redo()
        assert session.text == self.texts[-1]


def figures(row: convcalc.Row) -> tuple[Any, ...]:
    return row.type, row.output_shape, row.input_shapes, row.params, row.macs


Sessions.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


TestSessions = Sessions.TestCase


def test_the_machine_starts_from_specs_that_build() -> None:
    for text in (CHAIN, BLOCKS, ROWS, REFERENCES):
        assert convcalc.loads(text).nodes
    with pytest.raises(SpecError):
        convcalc.loads(CHAIN.replace("kernel_size: 3", "kernel_size: 99"))
