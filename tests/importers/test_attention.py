"""Attention in heads that is written out: it is one layer where the source shows that it was one."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.agreement import differences
from convcalc.api import loads
from convcalc.importers.network import ForeignNetwork, Input, Module, Operation, Output, Tensor
from convcalc.importers.specs import spec_text

TOKENS, WIDTH, HEADS = 7, 12, 3
AROUND = (Module("block", "Block"), Module("attention", "MultiheadAttention"))


def operation(type: str, inputs: str, output: str, sizes: tuple[int, ...], **parameters: object) -> Operation:
    made = Operation(type, inputs.split(), [Output(output, sizes)], dict(parameters), modules=AROUND)
    if type == "linear":
        width = sizes[-1]
        made.parameters["out_features"] = width
        made.tensors = {
            "weight": Tensor(f"{output}.weight", (width, WIDTH)), "bias": Tensor(f"{output}.bias", (width,))
        }  # fmt: skip
    return made


def packed(order: str = "012", split: tuple[int, ...] = (3, HEADS, 4)) -> list[Operation]:
    """One projection of all three, cut into queries, keys and values."""
    whole = operation("linear", "x", "p", (TOKENS, 3 * WIDTH))
    cut = operation("unflatten", "p", "u", (TOKENS, *split), axis=1, shape=list(split))
    turned = tuple((TOKENS, *split)[axis] for axis in (1, 2, 0, 3))
    parts = operation("permute", "u", "t", turned, axes=[1, 2, 0, 3])
    names = [f"{each}{number}" for each, number in zip("qkv", order)]
    selected = [operation("select", "t", name, turned[1:], index=int(name[1])) for name in names]
    return [whole, cut, parts, *selected, *result(*names)]


def separate(features: str = "x", first: str = "linear") -> list[Operation]:
    """A projection for each of the three."""
    found = []
    for name, read in zip("qkv", ("x", features, features)):
        found += [
            operation(first, read, f"{name}0", (TOKENS, WIDTH)),
            operation("unflatten", f"{name}0", f"{name}1", (TOKENS, HEADS, 4), axis=1, shape=[HEADS, 4]),
            operation("transpose", f"{name}1", f"{name}2", (HEADS, TOKENS, 4), axes=[0, 1]),
        ]
    return [*found, *result("q2", "k2", "v2")]


def result(query: str, key: str, value: str) -> list[Operation]:
    last = operation("linear", "m", "y", (TOKENS, WIDTH))
    last.name = "out_proj"
    return [
        operation("scaled_dot_product_attention", f"{query} {key} {value}", "a", (HEADS, TOKENS, 4)),
        operation("transpose", "a", "b", (TOKENS, HEADS, 4), axes=[0, 1]),
        operation("flatten", "b", "m", (TOKENS, WIDTH), start_axis=1, end_axis=2),
        last,
    ]


def network(operations: list[Operation]) -> ForeignNetwork:
    return ForeignNetwork("net", "a test", [Input("x", (TOKENS, WIDTH))], ["y"], operations)


def types(operations: list[Operation]) -> list[str]:
    found = network(operations)
    total = found.params
    graph = loads(spec_text(found, flat=True))
    assert not differences(graph, found)
    report = convcalc.analyse(graph)
    assert report.totals.params == total
    return [row.type for row in report.rows]


ONE = ["multihead_attention"]


@pytest.mark.parametrize("order", ["012", "210"])
def test_one_projection_of_all(order: str) -> None:
    assert types(packed(order)) == ONE


def test_one_for_each() -> None:
    operations = separate()
    assert types(operations) == ONE
    assert operations[-1].parameters == {"num_heads": HEADS}
    assert operations[-1].modules == AROUND


def test_keys_of_another_sequence() -> None:
    other = operation("tanh", "x", "z", (TOKENS, WIDTH))
    other.modules = ()
    assert types([other, *separate("z")]) == ["tanh", *ONE]


def test_macs_are_those_of_the_products() -> None:
    one, written = separate(), separate()
    written[0].name = "query"  # a module of its own, as in BERT: it stays what it is
    macs = [convcalc.analyse(loads(spec_text(network(each)))).totals.macs for each in (one, written)]
    assert macs[0] == macs[1] == 4 * TOKENS * WIDTH**2 + 2 * TOKENS**2 * WIDTH


def test_no_biases() -> None:
    operations = separate()
    for each in operations:
        if each.type == "linear":
            each.parameters["bias"] = False
            each.tensors.pop("bias")
    assert types(operations) == ONE
    assert operations[-1].parameters == {"num_heads": HEADS, "bias": False}


def _is_module(operations: list[Operation]) -> None:
    operations[0].modules = (*AROUND, Module("query", "Linear"))


def _is_read(operations: list[Operation]) -> None:
    operations.insert(-1, operation("tanh", "a", "more", (HEADS, TOKENS, 4)))


def _has_mask(operations: list[Operation]) -> None:
    mask = operation("parameter", "", "mask", (TOKENS, TOKENS), shape=[TOKENS, TOKENS])
    mask.tensors = {"parameter": Tensor("mask", (TOKENS, TOKENS))}
    operations.insert(0, mask)
    next(each for each in operations if each.type == "scaled_dot_product_attention").inputs.append("mask")


def _is_mixed(operations: list[Operation]) -> None:
    """The features of a token become those of several tokens."""
    flat = operations[-2]
    flat.type, flat.parameters = "reshape", {"shape": [TOKENS, WIDTH]}
    flat.inputs = ["a"]
    operations.remove(next(each for each in operations if each.output.name == "b"))


@pytest.mark.parametrize("change", [_is_module, _is_read, _has_mask, _is_mixed])
def test_what_stays_written_out(change: object) -> None:
    operations = separate()
    change(operations)  # type: ignore[operator]
    assert "multihead_attention" not in types(operations)


def test_heads_that_are_mixed_differ() -> None:
    """Features in the order [features, heads] are those of another layer."""
    operations = separate()
    for each in operations:
        if each.type == "unflatten":
            each.parameters["shape"] = [4, HEADS]
            each.outputs = [Output(each.output.name, (TOKENS, 4, HEADS))]
        if each.type == "transpose" and each.output.name in ("q2", "k2", "v2"):
            each.type, each.parameters = "permute", {"axes": [2, 0, 1]}
    assert "multihead_attention" not in types(operations)
