"""Names: a rename goes wherever the name does, and nothing that is named goes."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.editor.conftest import Opener, is_valid

RENAMES: dict[str, tuple[str, str, str, str]] = {
    "from, tied, like, outputs and expect": ("""
        input: [3, 8, 8]
        layers:
          - conv2d: {name: a, out_channels: 3, kernel_size: 3, padding: 1}
          - conv2d: {name: b, out_channels: 3, kernel_size: 3, padding: 1, tied: a}
          - add: {from: [previous, a]}
          - max_pool2d: {kernel_size: 2}
          - upsample: {like: a, name: up}
        outputs: [up, a]
        expect:
          output_shape: {up: [3, 8, 8], a: [3, 8, 8]}
          layers:
            a: {params: 84}
        """, "a", "first", """
        input: [3, 8, 8]
        layers:
          - conv2d: {name: first, out_channels: 3, kernel_size: 3, padding: 1}
          - conv2d: {name: b, out_channels: 3, kernel_size: 3, padding: 1, tied: first}
          - add: {from: [previous, first]}
          - max_pool2d: {kernel_size: 2}
          - upsample: {like: first, name: up}
        outputs: [up, first]
        expect:
          output_shape: {up: [3, 8, 8], first: [3, 8, 8]}
          layers:
            first: {params: 84}
        """),
    "the part of a dotted name that it is": ("""
        input: [3, 8, 8]
        blocks:
          unit:
            layers:
              - relu: {name: a}
              - relu: {name: b, from: a}
        layers:
          - relu: {name: a}
          - unit: {name: u, repeat: 2}
          - add: {from: [u.*.a, a, u.a, u.0.a]}
        expect: {layers: {u.1.a: {params: 0}, a: {params: 0}}}
        """, "u.0.a", "c", """
        input: [3, 8, 8]
        blocks:
          unit:
            layers:
              - relu: {name: c}
              - relu: {name: b, from: c}
        layers:
          - relu: {name: a}
          - unit: {name: u, repeat: 2}
          - add: {from: [u.*.c, a, u.c, u.0.c]}
        expect: {layers: {u.1.c: {params: 0}, a: {params: 0}}}
        """),
    "a block with all its copies": ("""
        input: [3, 8, 8]
        blocks:
          unit: {layers: [{relu: {name: a}}]}
        layers:
          - unit: {name: u, repeat: 2}
          - add: {from: [u, u.0.a]}
        """, "u", "stage", """
        input: [3, 8, 8]
        blocks:
          unit: {layers: [{relu: {name: a}}]}
        layers:
          - unit: {name: stage, repeat: 2}
          - add: {from: [stage, stage.0.a]}
        """),
    "a name in a cell": ("""
        input: [3, 8, 8]
        layers:
          - conv2d:
              kernel_size: 1
              rows:
                - [name, out_channels]
                - [a, 3]
                - [b, 3]
          - add: {from: [a, b]}
        """, "a", "first", """
        input: [3, 8, 8]
        layers:
          - conv2d:
              kernel_size: 1
              rows:
                - [name, out_channels]
                - [first, 3]
                - [b, 3]
          - add: {from: [first, b]}
        """),
    "a name that only a variant reads": ("""
        input: [3, 8, 8]
        params: {skip: false, never: false}
        variants: {skipping: {params: {skip: true}, expect: {layers: {a: {params: 0}}}}}
        layers:
          - relu: {name: a}
          - tanh
          - add: {when: =skip, from: [previous, a]}
          - sub: {when: =never, from: [previous, a]}
        """, "a", "b", """
        input: [3, 8, 8]
        params: {skip: false, never: false}
        variants: {skipping: {params: {skip: true}, expect: {layers: {b: {params: 0}}}}}
        layers:
          - relu: {name: b}
          - tanh
          - add: {when: =skip, from: [previous, b]}
          - sub: {when: =never, from: [previous, b]}
        """),
    "an entry without a name": ("""
        input: [3, 8, 8]
        layers:
          - relu
          - add: {from: [relu_1, input]}
        """, "relu_1", "act", """
        input: [3, 8, 8]
        layers:
          - relu: {name: act}
          - add: {from: [act, input]}
        """),
}  # fmt: skip


@pytest.mark.parametrize("case", RENAMES)
def test_a_rename_goes_wherever_the_name_does(case: str, session_on: Opener) -> None:
    before, layer, name, after = RENAMES[case]
    session = session_on(before)
    assert session.report is not None
    figures = [
        (row.params, row.macs, row.output_shape, row.to_dict()["receptive_field"]) for row in session.report.rows
    ]
    outcome = session.rename(layer, name)
    assert is_valid(outcome), str(outcome)
    assert session.text == dedent(after)
    rows = session.report.rows
    assert [(row.params, row.macs, row.output_shape, row.to_dict()["receptive_field"]) for row in rows] == figures
    assert "expectation" not in {problem.rule for problem in session.findings().problems}


REFUSED: dict[str, tuple[str, str, str, str]] = {
    "taken": (
        "- relu: {name: a}\n- relu: {name: b}", "a", "b", "with that name the name `b` is used twice in one scope"),
    "no name": ("- relu: {name: a}", "a", "1a", "`1a` cannot be a name"),
    "a word": ("- relu: {name: a}", "a", "previous", "with that name `previous` already has a meaning in `from`"),
    "computed": ("- relu: {name: '=\"a\"'}", "a", "b", 'the name of a is computed: ="a"'),
    "named by an expression": (
        "- relu: {name: a}\n- add: {from: [previous, '=\"a\"']}", "a", "b",
        "an expression refers to a, in `from` on line 4"),
    "a number would shift": (
        "- relu\n- relu\n- relu\n- add: {from: [previous, relu_2]}", "relu_1", "b",
        "`from` on line 6, relu_2, would refer to another layer than before"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_rename_that_cannot_be_is_refused(case: str, session_on: Opener) -> None:
    layers, layer, name, message = REFUSED[case]
    session = session_on("input: [3, 8, 8]\nlayers:\n" + layers + "\n")
    outcome = session.rename(layer, name)
    assert outcome.refused
    assert outcome.message == message
    assert not session.is_modified


NAMED = """\
input: [3, 8, 8]
layers:
  - sequential: {name: s, layers: [{relu: {name: a}}, {relu: {from: a}}]}
  - relu: {name: b}
  - add: {from: [previous, s.a]}
  - relu: {name: free}
expect: {layers: {b: {params: 0}}}
"""


def test_what_is_named_is_not_removed(session_on: Opener) -> None:
    session = session_on(NAMED)
    assert str(session.remove("s.a")) == "s.a is used by `from` on line 3, `from` on line 5; change the reference first"
    assert str(session.remove("s")) == "s is used by `from` on line 5; change the reference first"
    assert str(session.remove("b")) == "b is used by `expect` on line 7; change the reference first"
    assert is_valid(session.remove("free"))


def test_an_edit_that_would_let_a_number_name_another_layer_is_refused(session_on: Opener) -> None:
    session = session_on(
        "input: [3, 8, 8]\nlayers:\n- tanh\n- relu\n- tanh\n- relu\n- add: {from: [previous, relu_1]}\n"
    )
    message = "`from` on line 7, relu_1, would refer to another layer than before"
    assert session.add("relu", into="").message == message
    assert session.move("relu_2", -3).message == message
    assert is_valid(session.add("relu", after="add_1"))
    assert is_valid(session.move("relu_1", -1))
    assert is_valid(session.remove("tanh_2"))
