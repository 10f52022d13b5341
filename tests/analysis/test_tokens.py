"""What tokens see, by hand: where rows and columns of a map are after reshapes, class tokens and attention."""

from __future__ import annotations

from typing import Any

import pytest

from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.lint.rules import RULES
from convcalc.text.source import Source
from tests.helpers import analysed, field_map, network

TOKENS = """
- flatten: {start_axis: 1}
- permute: {name: tokens, axes: [1, 0]}
"""


def seen(layers: str, layer: str, input: str = "[4, 2, 3]") -> Any:
    """The rows and the columns that each unit of a layer sees."""
    return field_map(analysed(network(layers, input)), layer)["clipped"]


def figures(layers: str, layer: str, input: str = "[4, 2, 3]") -> Any:
    field = analysed(network(layers, input)).row(layer).receptive_fields["input"]
    assert field is not None
    return field.to_dict()


def test_a_token_cut_out_of_attended_ones_is_handed_on() -> None:
    layers = f"""{TOKENS}
- class_token
- multihead_attention: {{num_heads: 2}}
- slice: {{axis: 0, stop: 1}}
- class_token: {{name: again}}
"""
    assert figures(layers, "again", "[4, 4, 4]")["clipped"] == [4, 4]
    assert seen(layers, "again", "[4, 4, 4]") == [[None, [0, 3]]] * 2


def test_a_class_token_sees_nothing_and_the_others_their_pixels() -> None:
    rows, columns = seen(f"{TOKENS}\n- class_token: {{name: it}}", "it")
    assert rows == [None, [0, 0], [0, 0], [0, 0], [1, 1], [1, 1], [1, 1]]
    assert columns == [None, [0, 0], [1, 1], [2, 2], [0, 0], [1, 1], [2, 2]]


def test_tokens_can_be_cut_and_made_a_map_again() -> None:
    """The last row of the map: tokens 3 to 5."""
    layers = f"{TOKENS}\n- slice: {{name: it, axis: 0, start: 3}}"
    assert seen(layers, "it") == [[[1, 1]] * 3, [[0, 0], [1, 1], [2, 2]]]
    layers = f"{TOKENS}\n- reshape: {{shape: [2, 3, 4]}}\n- permute: {{name: it, axes: [2, 0, 1]}}"
    assert figures(layers, "it") == {
        "size": [1, 1],
        "clipped": [1, 1],
        "stride": [1, 1],
        "padding": [0, 0],
        "aligned": True,
    }


def test_a_map_added_to_itself_turned_round_sees_two_pixels() -> None:
    """Unit (i, j) sees rows i and j."""
    layers = "- permute: {name: turned, axes: [0, 2, 1]}\n- add: {name: it, from: [turned, input]}"
    field = figures(layers, "it", "[4, 3, 3]")
    assert (field["size"], field["stride"]) == ([None, None], None)
    layers = """
- flatten: {name: rows, start_axis: 1}
- permute: {name: turned, from: input, axes: [0, 2, 1]}
- flatten: {name: columns, start_axis: 1}
- add: {name: it, from: [rows, columns]}
"""
    assert figures(layers, "it", "[4, 3, 3]")["clipped"] == [3, 3]


def test_patches_cut_by_a_reshape_are_a_window() -> None:
    """Patches of 2x3 of a map of 4x6, each mixed by a linear layer: a convolution of 2x3 with stride 2x3."""
    layers = """
- reshape: {shape: [4, 2, 2, 2, 3]}
- permute: {axes: [1, 3, 0, 2, 4]}
- flatten: {start_axis: 2}
- linear: {name: it, out_features: 8}
"""
    field = figures(layers, "it", "[4, 4, 6]")
    assert (field["size"], field["stride"], field["padding"]) == ([2, 3], [2, 3], [0, 0])


def test_windows_cut_by_a_reshape_are_put_together_again() -> None:
    layers = """
- conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
- reshape: {shape: [4, 2, 2, 2, 3]}
- permute: {axes: [1, 3, 2, 4, 0]}
- reshape: {name: windows, shape: [4, 6, 4]}
- reshape: {shape: [2, 2, 2, 3, 4]}
- permute: {axes: [4, 0, 2, 1, 3]}
- reshape: {name: it, shape: [4, 4, 6]}
"""
    assert figures(layers, "windows", "[4, 4, 6]")["size"] == [3, 3]
    field = figures(layers, "it", "[4, 4, 6]")
    assert (field["size"], field["stride"], field["padding"]) == ([3, 3], [1, 1], [1, 1])


def test_a_pooled_token_put_before_others_is_the_only_one_that_sees_all() -> None:
    layers = f"""{TOKENS}
- global_avg_pool: {{name: mean, from: input}}
- reshape: {{shape: [1, 4]}}
- concat: {{name: it, from: [reshape_1, tokens], axis: 0}}
"""
    rows, columns = seen(layers, "it")
    assert rows == [[0, 1], [0, 0], [0, 0], [0, 0], [1, 1], [1, 1], [1, 1]]
    assert columns == [[0, 2], [0, 0], [1, 1], [2, 2], [0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize("reads", ["[a, g]", "[g, a]"])
def test_a_merge_that_reads_a_learned_tensor_is_checked(reads: str) -> None:
    layers = f"""
- parameter: {{name: g, shape: [1]}}
- max_pool2d: {{name: a, from: input, kernel_size: 2, stride: 1, padding: [[0, 1], [0, 1]]}}
- mul: {{name: ag, from: {reads}}}
- add: {{name: it, from: [ag, input]}}
"""
    text = network(layers, "[4, 8, 8]")
    assert check_source(Source("spec.yaml", text), Settings(tuple(RULES))).problems == []
    assert figures(layers, "it", "[4, 8, 8]")["size"] == [2, 2]


PATCHES = """
- reshape: {shape: [4, 2, 2, 3, 2]}
- permute: {axes: [2, 4, 1, 3, 0]}
- reshape: {name: patches, shape: [4, 6, 4]}
- multihead_attention: {num_heads: 2}
"""


def test_pixels_that_attend_to_those_of_the_same_place_in_other_patches_become_a_map_again() -> None:
    layers = f"""{PATCHES}
- reshape: {{shape: [2, 2, 2, 3, 4]}}
- permute: {{axes: [4, 2, 0, 3, 1]}}
- reshape: {{name: it, shape: [4, 4, 6]}}
"""
    rows, columns = seen(layers, "it", "[4, 4, 6]")
    assert rows == [[0, 2], [1, 3]] * 2
    assert columns == [[0, 4], [1, 5]] * 3
    field = figures(layers, "it", "[4, 4, 6]")
    assert (field["size"], field["stride"], field["aligned"]) == ([3, 5], [None, None], True)


def test_it_is_unknown_what_a_joined_token_sees_where_the_places_of_rows_are_not_known() -> None:
    """The two tokens see all columns, and the learned one none; only the rows could tell tokens from channels."""
    layers = """
- reshape: {shape: [4, 2, 2, 5]}
- permute: {axes: [2, 1, 3, 0]}
- reshape: {name: halves, shape: [2, 10, 4]}
- multihead_attention: {name: attended, num_heads: 2}
- slice: {from: halves, axis: 0, stop: 1}
- slice: {name: corner, axis: 1, stop: 1}
- mul: {from: [attended, corner]}
- flatten: {start_axis: 1}
- linear: {name: tokens, out_features: 4}
- parameter: {name: learned, shape: [1, 4]}
- concat: {name: it, from: [tokens, learned], axis: 0}
"""
    assert figures(layers, "tokens", "[4, 4, 5]")["size"] == [None, 5]
    assert figures(layers, "it", "[4, 4, 5]")["size"] == [None, None]


MIXED = """
- flatten: {start_axis: 1}
- linear: {name: all, out_features: %s}
"""


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        # [4, 1] beside a learned [4, 1]: another column that sees nothing, or another channel.
        (MIXED % 1 + "- parameter: {name: learned, shape: [4, 1]}\n- concat: {name: it, axis: 1, from: [all, learned]}",
         [None, None]),
        (MIXED % 2 + "- linear: {name: more, out_features: 2, from: flatten_1}\n"
         "- concat: {name: it, axis: 1, from: [all, more]}", [2, 3]),
        # A vector has channels alone.
        ("- global_avg_pool\n- parameter: {name: learned, shape: [2, 1, 1]}\n"
         "- concat: {name: it, from: [global_avg_pool_1, learned]}", [2, 3]),
        # The map has its positions elsewhere.
        ("- conv2d: {name: map, out_channels: 2, kernel_size: 1}\n- global_avg_pool: {from: input}\n"
         "- upsample: {name: pooled, size: [2, 3]}\n- concat: {name: it, from: [map, pooled]}", [2, 3]),
    ],
    ids=["learned", "alike", "vector", "map"],
)  # fmt: skip
def test_what_a_join_of_mixed_positions_sees_is_known_where_it_joins_channels(
    layers: str, size: list[int | None]
) -> None:
    assert figures(layers, "it")["size"] == size
