"""A name inside a container that an outer entry has too does not hide that entry from what must read it."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.agreement import differences
from convcalc.importers.network import ForeignNetwork, Input, Module, Operation, Output, Tensor
from convcalc.importers.specs import spec_text

SHAPE = (4, 5, 5)


def convolution(value: str, output: str, modules: str, weight: str) -> Operation:
    return Operation(
        "conv2d", [value], [Output(output, SHAPE)], {"out_channels": 4, "kernel_size": 1, "bias": False},
        {"weight": Tensor(weight, (4, 4, 1, 1))}, modules=tuple(map(Module, modules.split("."))), name="conv",
    )  # fmt: skip


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("caller", ["net.two.net.one", "net.two.two.net.one", "net.one.net.one", "two.net.one"])
def test_a_module_that_another_calls_under_its_own_path(caller: str, flat: bool) -> None:
    operations = [
        convolution("x", "a", "net.one", "w"),
        convolution("a", "b", "net.one.inner", "v"),
        convolution("b", "c", caller, "w"),
        Operation("add", ["a", "c"], [Output("d", SHAPE)], modules=tuple(map(Module, caller.split(".")))),
    ]
    network = ForeignNetwork("Net", "test", [Input("x", SHAPE)], ["d"], operations)
    text = spec_text(network, flat=flat)
    assert differences(convcalc.loads(text), network) == [], text
