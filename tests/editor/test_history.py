"""Undo and redo: by words, merged while a field is typed in, without any limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convcalc.editor.history import History, UndoStep
from tests.editor.conftest import Opener

TEXT = "input: [3, 16, 16]\nlayers:\n  - conv2d: {name: conv, out_channels: 8, kernel_size: 3}\n"
texts = st.text("ab\n", max_size=12)


@given(texts, texts)
def test_a_step_leads_there_and_back(before: str, after: str) -> None:
    step = UndoStep.between("", before, after)
    assert step.forward(before) == after
    assert step.backward(after) == before
    assert len(step.old) <= len(before)


@given(texts, st.lists(st.tuples(texts, st.sampled_from(["", "k", "l"]))))
def test_all_steps_back_give_the_first_text_and_all_forward_the_last(first: str, steps: list[tuple[str, str]]) -> None:
    history, text = History(), first
    for new, key in steps:
        history.add("", text, new, key)
        text = new
    back = text
    while history.done:
        back = history.undo(back)
    assert back == first
    while history.undone:
        back = history.redo(back)
    assert back == text


def test_one_undo_leads_back_to_the_last_text_that_built(session_on: Opener) -> None:
    session = session_on(TEXT)
    for value in ("1", "13", "131", "1317"):  # no kernel of more than 16 fits
        session.set("conv", "kernel_size", value, merge_key="k")
    assert not session.is_current
    session.undo()
    assert "kernel_size: 13}" in session.text
    assert session.is_current
    session.undo()
    assert session.text == TEXT


def test_typing_in_one_field_is_one_step(session_on: Opener) -> None:
    session = session_on(TEXT)
    for value in ("1", "12", "123"):
        session.set("conv", "out_channels", value, merge_key="conv.out_channels")
    session.set("conv", "kernel_size", 5, merge_key="conv.kernel_size")
    assert [step.title for step in session.history] == ["set conv.out_channels to 123", "set conv.kernel_size to 5"]
    session.undo()
    session.undo()
    assert session.text == TEXT
    assert [step.title for step in session.undone] == ["set conv.kernel_size to 5", "set conv.out_channels to 123"]
    assert session.redo().message == "redid: set conv.out_channels to 123"
    session.set("conv", "out_channels", 4, merge_key="conv.out_channels")
    assert not session.undone
    assert len(session.history) == 2  # what was done again is a state of its own


def test_typing_a_value_back_leaves_no_step(session_on: Opener) -> None:
    session = session_on(TEXT)
    for value in ("80", "8"):
        session.set("conv", "out_channels", value, merge_key="k")
    assert not session.history
    assert not session.is_modified


def test_an_edit_without_a_change_is_no_step(session_on: Opener) -> None:
    session = session_on(TEXT)
    outcome = session.set("conv", "out_channels", "8")
    assert not outcome.changed
    assert not outcome.refused
    assert outcome.message == "set conv.out_channels to 8: no change"


def test_undo_takes_back_a_text_that_cannot_be_read(session_on: Opener) -> None:
    session = session_on(TEXT)
    report = session.report
    assert session.set_text("input: [").changed
    assert not session.is_current
    outcome = session.set("conv", "out_channels", 4)
    assert outcome.refused
    assert outcome.help == "correct the text first, or undo the last step"
    session.undo()
    assert session.is_current
    assert session.report is report
