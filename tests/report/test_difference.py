"""What differs between two networks: which layers are one, what became of each, and totals that add up."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.arith.subsequence import common_subsequence, longest_rise
from convcalc.report.changes import AFFECTED, CHANGED, SAME, LayerChange
from convcalc.report.difference import Difference
from convcalc.report.figures import sums
from convcalc.report.report import Report
from convcalc.report.rows import Row
from tests.helpers import analysed, network
from tests.strategies.networks import Network, networks
from tests.strategies.pairs import pairs

CONV = "- conv2d: {name: conv, out_channels: 4, kernel_size: 3}\n"
NAMED = f"{CONV}- relu: {{name: act}}\n- conv2d: {{name: last, out_channels: 2, kernel_size: 1}}"
UNNAMED = "- conv2d: {out_channels: 4, kernel_size: 3}\n- relu\n- conv2d: {out_channels: 2, kernel_size: 1}\n- relu"
FRONT = "- conv2d: {out_channels: 3, kernel_size: 1}\n- relu\n"
TOWER = "- conv2d: {out_channels: 3, kernel_size: 3, padding: 1}\n- relu\n"


def difference(old: str, new: str) -> Difference:
    return Difference(analysed(network(old)), analysed(network(new)))


def told(layer: LayerChange) -> str:
    """A layer that differs as a line: its status and names, and what was edited."""
    if layer.old is None or layer.new is None:
        return f"{layer.status} {layer.row.name}"
    name = layer.new.name if not layer.is_renamed else f"{layer.old.name}>{layer.new.name}"
    return " ".join([layer.status, name, *(["moved"] if layer.moved else []), *layer.config, *layer.wiring])


# Old entries, entries after them, and the layers of which more than figures differs.
CASES = {
    "nothing": (NAMED, NAMED, []),
    "a parameter": (NAMED, NAMED.replace("kernel_size: 3", "kernel_size: 5"), ["changed conv kernel_size"]),
    "a default that is written out": (NAMED, NAMED.replace("kernel_size: 1", "kernel_size: 1, stride: 1"), []),
    "a name": (NAMED, NAMED.replace("name: conv", "name: stem"), ["changed conv>stem"]),
    "a name where there was none": (UNNAMED, UNNAMED.replace("- relu\n", "- relu: {name: act}\n"),
                                    ["changed relu_1>act"]),
    "a name and a parameter": (NAMED, NAMED.replace("name: conv, out_channels: 4", "name: stem, out_channels: 5"),
                               ["changed conv>stem out_channels"]),
    "a place in a sequence": (
        "- sequential: {name: s, layers: [tanh, relu]}\n- flatten",
        "- sequential: {name: s, numbered: true, layers: [tanh, relu]}\n- flatten", [],
    ),
    "another place in a sequence": (
        "- sequential: {name: s, numbered: true, layers: [tanh, conv2d: {out_channels: 4, kernel_size: 1}]}",
        "- sequential: {name: s, numbered: true, layers: [conv2d: {out_channels: 4, kernel_size: 1}]}",
        ["removed s.0", "changed s.1>s.0"],
    ),
    "another type of the same name": (NAMED, NAMED.replace("relu:", "gelu:"), ["removed act", "added act"]),
    "a layer in front": (NAMED, "- batch_norm2d: {name: norm}\n" + NAMED, ["added norm"]),
    "unnamed layers in front": (UNNAMED, FRONT + UNNAMED, ["added conv2d_1", "added relu_1"]),
    "unnamed layers behind": (UNNAMED, UNNAMED + "\n" + FRONT, ["added conv2d_3", "added relu_3"]),
    "an unnamed layer of several parameters": (UNNAMED, UNNAMED.replace("size: 3", "size: 5, padding: 1"),
                                               ["changed conv2d_1 kernel_size padding"]),
    "one of many equal ones": (TOWER * 5, TOWER * 4, ["removed conv2d_5", "removed relu_5"]),
    "a layer in the middle": (NAMED, NAMED.replace("- relu: {name: act}\n", "- relu: {name: act}\n- batch_norm2d\n"),
                              ["added batch_norm2d_1"]),
    "a layer that goes": (NAMED, NAMED.replace("- relu: {name: act}\n", ""), ["removed act"]),
    "order": ("- relu: {name: a}\n- gelu: {name: b}\n- silu: {name: c}",
              "- silu: {name: c}\n- relu: {name: a}\n- gelu: {name: b}",
              ["changed c moved inputs", "changed a inputs"]),
    "frozen": (NAMED, NAMED.replace("name: conv,", "name: conv, trainable: false,"), ["changed conv trainable"]),
    "tied": ("- prelu: {name: a}\n- prelu: {name: b}", "- prelu: {name: a}\n- prelu: {name: b, tied: a}",
             ["changed b tied_to"]),
    "what is read": ("- relu: {name: a}\n- relu: {name: b}\n- gelu: {name: c}",
                     "- relu: {name: a}\n- relu: {name: b}\n- gelu: {name: c, from: a}", ["changed c inputs"]),
    "one branch more": ("- relu: {name: a}\n- add: {name: sum, from: [a, input]}",
                        "- relu: {name: a}\n- relu: {name: b}\n- add: {name: sum, from: [a, input, b]}",
                        ["added b", "changed sum inputs"]),
    "a repeat": ("- relu: {name: a, repeat: 2}", "- relu: {name: a, repeat: 3}", ["added a.2"]),
    "numbers within named blocks": (
        "- sequential: {name: one, layers: [relu, relu]}\n- sequential: {name: two, layers: [relu]}",
        "- sequential: {name: one, layers: [relu, relu, relu]}\n- sequential: {name: two, layers: [relu]}",
        ["added one.relu_3"]),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=list(CASES))
def test_what_was_edited(old: str, new: str, expected: list[str]) -> None:
    found = difference(old, new)
    assert [told(layer) for layer in found.layers if layer.status not in (AFFECTED, SAME)] == expected
    assert found.is_empty == (not expected)


def test_what_is_affected() -> None:
    found = difference(NAMED, NAMED.replace("kernel_size: 3", "kernel_size: 5"))
    conv, act, last = found.layers
    assert conv.status == CHANGED
    assert (act.status, sorted(act.figures), sorted(act.field)) == (
        AFFECTED, ["input_shapes", "output_elements", "output_shape"], ["size"]
    )  # fmt: skip
    assert last.change("macs").difference == 2 * 4 * (16 - 36)
    assert found.totals["params"].difference == 4 * 3 * (25 - 9)
    assert found.totals["params"].percent == pytest.approx(100 * 192 / (112 + 10))


def test_a_layer_put_in_between_does_not_rewire_its_reader() -> None:
    branches = "- add: {name: sum, from: [act, last]}"
    old = f"{CONV}- relu: {{name: act}}\n- gelu: {{name: last}}\n{branches}"
    new = f"{CONV}- relu: {{name: act}}\n- gelu: {{name: last}}\n- silu: {{name: gate}}\n{branches}"
    found = difference(old, new.replace("[act, last]", "[act, gate]"))
    assert [told(layer) for layer in found.layers if layer.status != SAME] == ["added gate"]


def test_inputs_and_outputs() -> None:
    old, new = analysed(network(NAMED)), analysed(network(NAMED, head="outputs: [conv, last]"))
    found = Difference(old, new)
    assert not found.is_empty
    assert all(layer.status == SAME for layer in found.layers)
    assert found.outputs.new == {"conv": (4, 6, 6), "last": (2, 6, 6)}
    found = Difference(old, analysed(network(NAMED, input="[3, 9, 9]")))
    assert found.inputs.new == {"input": (3, 9, 9)}
    assert {layer.status for layer in found.layers} == {AFFECTED}


def test_figures_that_are_not_known() -> None:
    head = "custom: {g: {macs: 7}, h: {macs: 7, parameters: {weight: 5}}}"
    one, other = [analysed(network(f"{CONV}- {name}: {{name: own}}", head=head)) for name in "gh"]
    assert Difference(one, one).is_empty
    change = Difference(one, other).totals["params"]
    assert change.differs
    assert (change.difference, change.percent) == (None, None)
    assert change.to_dict() == {"old": 112, "new": 117, "partial": ["old"]}


def test_a_type_with_other_formulas() -> None:
    old, new = [
        analysed(network("- g: {name: own}\n- relu: {name: act}", head=f"custom: {{g: {{macs: {macs}}}}}"))
        for macs in (7, 8)
    ]
    assert [layer.status for layer in Difference(old, new).layers] == [CHANGED, SAME]


def test_several_inputs_have_a_field_each() -> None:
    inputs = "{left: [3, 8, 8], right: [3, 8, 8]}"
    layers = "- conv2d: {name: a, from: left, out_channels: 3, kernel_size: 3, padding: 1}\n- add: {from: [a, right]}"
    old, new = [analysed(network(text, input=inputs)) for text in (layers, layers.replace("3, padding: 1", "1"))]
    merged = Difference(old, new).layers[-1]
    change = merged.field["size"]
    assert (change.old, change.new) == ({"left": [3, 3], "right": [1, 1]}, {"left": [1, 1], "right": [1, 1]})


def test_variants_of_a_family() -> None:
    found = Difference(convcalc.analyse("resnet50"), convcalc.analyse("resnet101"))
    blocks = {layer.row.name.rpartition(".")[0] for layer in found.of("added")}
    assert blocks == {f"layer3.{number}" for number in range(6, 23)}
    assert not found.of("removed", "changed")


def test_a_network_whose_layers_are_all_renamed_stays_one() -> None:
    text = convcalc.load("resnet18").source.text
    renamed = convcalc.loads(text.replace("layer3", "stage3"), variant="resnet18")
    found = Difference(convcalc.analyse("resnet18"), convcalc.analyse(renamed))
    assert not found.of("added", "removed", "affected")
    assert all(layer.row.name.startswith("stage3") for layer in found.of("changed"))


def index(row: Row | None) -> int | None:
    return None if row is None else row.index


QUICK = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(networks(2))
def test_a_network_does_not_differ_from_itself(network: Network) -> None:
    old, new = [convcalc.analyse(convcalc.loads(network.text)) for _ in range(2)]
    found = Difference(old, new)
    assert found.is_empty
    assert [layer.row.name for layer in found.layers] == [row.name for row in new.rows]


@QUICK
@given(pairs())
def test_every_layer_stands_once_and_types_never_mix(pair: tuple[Report, Report]) -> None:
    old, new = pair
    found = Difference(old, new)
    assert sorted(layer.old.index for layer in found.layers if layer.old) == list(range(len(old.rows)))
    assert [layer.new.index for layer in found.layers if layer.new] == list(range(len(new.rows)))
    assert all(layer.old.type == layer.new.type for layer in found.layers if layer.old and layer.new)


@QUICK
@given(pairs())
def test_the_other_way_round_it_is_its_mirror(pair: tuple[Report, Report]) -> None:
    there, back = Difference(*pair), Difference(*pair[::-1])
    mirrored = {"added": "removed", "removed": "added"}
    back_by_index = {(index(layer.new), index(layer.old)): layer for layer in back.layers}
    assert len(there.layers) == len(back_by_index)
    assert there.is_empty == back.is_empty
    for one in there.layers:
        other = back_by_index[index(one.old), index(one.new)]
        assert one.status == mirrored.get(other.status, other.status)
        assert one.moved == other.moved
        for part in ("config", "wiring", "figures", "field"):
            changes = {name: (change.old, change.new) for name, change in getattr(one, part).items()}
            assert changes == {name: (change.new, change.old) for name, change in getattr(other, part).items()}


@QUICK
@given(pairs())
def test_totals_change_by_what_the_layers_change_by(pair: tuple[Report, Report]) -> None:
    found = Difference(*pair)
    for figure in sums():
        changes = [layer.change(figure.name).difference or 0 for layer in found.layers]
        assert sum(changes) == found.totals[figure.name].difference
    assert found.totals["layers"].difference == len(found.of("added")) - len(found.of("removed"))


# -- the sequences that layers are matched by ------------------------------------------------------------------------


def longest_by_table(first: list[int], second: list[int]) -> int:
    """The textbook's table of lengths."""
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for row, column in product(range(len(first)), range(len(second))):
        either = max(table[row][column + 1], table[row + 1][column])
        table[row + 1][column + 1] = table[row][column] + 1 if first[row] == second[column] else either
    return table[-1][-1]


SEQUENCE = st.lists(st.integers(0, 4), max_size=14)


@given(SEQUENCE, SEQUENCE)
def test_a_longest_common_subsequence(first: list[int], second: list[int]) -> None:
    pairs = common_subsequence(first, second)
    assert all(first[a] == second[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    assert len(pairs) == longest_by_table(first, second)


@given(st.permutations(range(9)))
def test_a_longest_rise(numbers: list[int]) -> None:
    places = longest_rise(numbers)
    assert places == sorted(places)
    risen = [numbers[place] for place in places]
    assert risen == sorted(risen)
    assert len(risen) == longest_by_table(list(numbers), list(range(9)))


def test_thousands_of_unnamed_layers() -> None:
    old = Report(convcalc.analyse(convcalc.loads(network("- relu: {repeat: 3000}"))).analysis)
    text = network("- gelu\n- relu: {repeat: 1500}\n- gelu\n- relu: {repeat: 1499}")
    found = Difference(old, convcalc.analyse(convcalc.loads(text)))
    assert (len(found.of("added")), len(found.of("removed"))) == (2, 1)


@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize("name", ["", "name: pool, "])
def test_a_global_pooling_has_two_names(kind: str, name: str) -> None:
    own = f"{CONV}- global_{kind}_pool: {{{name}}}\n- flatten\n- linear: {{out_features: 2}}"
    other = own.replace(f"global_{kind}_pool: {{{name}}}", f"adaptive_{kind}_pool2d: {{{name}output_size: 1}}")
    assert difference(own, other).is_empty
    assert difference(other, own).is_empty
    assert not difference(own, other.replace("output_size: 1", "output_size: [1, 2]")).is_empty
