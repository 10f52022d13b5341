"""Wrong calls of `convcalc sweep`: what each message says, and what helps."""

from __future__ import annotations

import pytest

from tests.cli.sweeps import write_networks
from tests.workspace import Workspace


@pytest.fixture
def nets(workspace: Workspace) -> Workspace:
    return write_networks(workspace)


PLOT = ["--vary", "width=1,2", "--plot", "a.svg", "--plot-axes"]
ERRORS: list[tuple[list[str], str, str]] = [
    ([], "nothing varies", "--vary KEY=VALUES"),
    (["--vary", "widht=1,2"], "net.yaml has no param `widht`", "did you mean width?"),
    (["--vary", "width=4..1"], "the range `4..1` is empty", "write 1..4"),
    (["--vary", "width=1", "--vary", "width=2"], "`width` is varied twice", ""),
    (["--vary", "width=1,2", "--set", "width=3"], "`width` is varied and set", ""),
    (["--vary", "width=1,2", "--set", "nope=3"], "net.yaml has no param `nope`", ""),
    (["--vary", "units.conv1.kernel_size=3"], "there is no layer `units.conv1`", "did you mean"),
    (["--vary", "unit.0.conv1.kernel=3"], "has no `kernel`", "did you mean kernel_size?"),
    (["--vary", "unit.repeat=1,2"], "`repeat` of unit cannot be set by a call", "change it in the file"),
    (["--vary", "variant=smal"], "there is no variant `smal`", "did you mean small?"),
    (["--vary", "input.hieght=3"], "the input has no `input.hieght`", "did you mean input.height"),
    (["--vary", "width=1,2", "--where", "parms < 3"], "there is no figure `parms`", "did you mean params"),
    (["--vary", "width=1,2", "--where", "params"], "not a condition", "params < 5M"),
    (["--vary", "width=1,2", "--where", "layers['lost'].macs < 3"], "there is no layer `lost`", "did you mean last?"),
    (["--vary", "width=1,2", "--columns", "layers['last'].colour"], "has no figure `colour`", ""),
    (["--vary", "width=1,2", "--top", "3"], "--top needs an order", "--sort"),
    (["--vary", "width=1,2", "--search", "nsga2"], "a search needs figures to improve", "--pareto"),
    (["--vary", "width=1,2", "--budget", "5"], "--budget is of a search", "--search nsga2"),
    (["--vary", "width=1,2", "--search", "nsga2", "--sort", "params", "--sample", "1"], "contradict", "--budget"),
    (["--vary", "width=1,2", "--plot", "a.jpg"], "a drawing cannot end in jpg", "use .svg, .png or .pdf"),
    (["--vary", "width=1,2", "--plot", "no/a.svg"], "no/a.svg cannot be written: there is no folder no", ""),
    (["--vary", "width=1,2", "--plot-axes", "params,macs"], "--plot-axes needs --plot", "--plot out.svg"),
    ([*PLOT, "parms,macs"], "there is no figure `parms`", "did you mean params"),
    ([*PLOT, "params"], "a plot shows two or three figures", "as in --plot-axes"),
    ([*PLOT, "params,macs,flops,width"], "a plot shows two or three figures", ""),
    ([*PLOT, "params,params"], "`params` is in `params,params` twice", ""),
    ([*PLOT, "params,output_shape"], "a plot cannot show `output_shape`: it is a shape, not a number", ""),
    ([*PLOT, "params,variant", "--vary", "variant=small,large"], "`variant`: it is a key with other values", ""),
    ([*PLOT, "params,layers['last'].type"], "it is a text, not a number", ""),
    ([*PLOT, "params,layers['lost'].macs"], "there is no layer `lost`", "did you mean last?"),
    (["--vary", "width=1..1000000", "--vary", "depth=1..1000000"], "1,000,000,000,000 candidates: at ", "--sample"),
]


@pytest.mark.parametrize(("options", "message", "help"), ERRORS, ids=[" ".join(case[0]) for case in ERRORS])
def test_errors(nets: Workspace, options: list[str], message: str, help: str) -> None:
    call = nets.call("sweep", "net.yaml", *options)
    assert (call.code, call.out) == (2, "")
    assert message in call.err
    assert help in call.err


def test_a_variant_has_no_variants(nets: Workspace) -> None:
    call = nets.call("sweep", "net.yaml@small", "--vary", "variant=large")
    assert call.code == 2
    assert "is one variant already" in call.err


def test_a_broken_spec_is_told_once(workspace: Workspace) -> None:
    workspace.write(net="input: [3, 8, 8]\nparams: {width: 3}\nlayers: [{conv2d: {kernel: 3}]\n")
    call = workspace.call("sweep", "net.yaml", "--vary", "width=1,2")
    assert call.code == 2
    assert call.err.count("error[") == 1
