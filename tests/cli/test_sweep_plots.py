"""`convcalc sweep --plot`."""

from __future__ import annotations

import pytest

from tests.cli.sweeps import write_networks
from tests.drawing.pictures import texts
from tests.workspace import Workspace


@pytest.fixture
def nets(workspace: Workspace) -> Workspace:
    return write_networks(workspace)


def test_a_plot_changes_no_row(nets: Workspace) -> None:
    axes = ("net.yaml", "--vary", "width=1..12", "--vary", "last.kernel_size=3,40")
    for options in [(), ("--sort", "-macs", "--top", "2"), ("--pareto", "params,-field"), ("--format", "csv"),
                    ("--format", "json"), ("--columns", "output_shape")]:  # fmt: skip
        plain = nets.call("sweep", *axes, *options)
        drawn = nets.call("sweep", *axes, *options, "--plot", "a.svg", "--plot-axes", "width,flops,macs / params")
        assert drawn == plain
        shown = texts((nets / "a.svg").read_text())
        assert shown[0] == "net.yaml: flops against width, macs / params as colour"
        assert shown[1].startswith("12 of 24 networks pass, ")


def test_a_plot_of_databases(nets: Workspace) -> None:
    call = ("sweep", "net.yaml", "--vary", "width=1..12", "--vary", "last.kernel_size=1,3")
    nets.call(*call, "--plot", "whole.svg")
    for number in ("1", "2"):
        nets.call(*call, "--shard", f"{number}/2", "--out", f"{number}.db", "--plot", "part.svg")
    assert texts((nets / "part.svg").read_text())[1].endswith("; a part of 24 candidates")
    nets.call("sweep", "--merge", "1.db", "2.db", "--plot", "merged.svg")
    nets.call(*call, "--out", "all.db", "--plot", "stored.svg")
    nets.call(*call, "--out", "all.db", "--plot", "again.svg")  # builds nothing
    whole = (nets / "whole.svg").read_text()
    assert all((nets / name).read_text() == whole for name in ("merged.svg", "stored.svg", "again.svg"))
    refused = nets.call("sweep", "--merge", "1.db", "2.db", "--plot", "a.svg", "--plot-axes", "params,flops")
    assert refused.code == 2
    assert "the rows have no `flops` to plot" in refused.err


@pytest.mark.parametrize(("file", "start"), [("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_a_plot_in_other_formats(nets: Workspace, file: str, start: bytes) -> None:
    pytest.importorskip("cairosvg")
    assert nets.call("sweep", "net.yaml", "--vary", "width=1..4", "--plot", file).code == 0
    assert (nets / file).read_bytes().startswith(start)


def test_a_plot_of_no_network(nets: Workspace) -> None:
    assert nets.call("sweep", "net.yaml", "--vary", "width=1,2", "--where", "params < 1", "--plot", "a.svg").code == 0
    assert "0 of 2 networks pass, 0 on the front" in texts((nets / "a.svg").read_text())
