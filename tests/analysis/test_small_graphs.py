"""Small graphs whose every unit was measured: the probe and convcalc must both give the measured extents."""

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from tests.helpers import field_map
from tests.oracles.boolean_probe import (
    Adaptive,
    Axis,
    Cut,
    Interpolate,
    Shuffle,
    Transposed,
    Window,
    hull,
    positions_seen_by_slabs,
)
from tests.strategies.graphs import CHANNELS, Graph, Sketch, add_window, mix, per_axis

DATA = Path(__file__).parent.parent / "data" / "small_graphs.json"
GRAPHS: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))["graphs"]


def _windows(rank: int, arguments: dict[str, Any]) -> list[Window]:
    """The file writes a value for all axes or a list with one for each; `lo` and `hi` are uneven padding."""

    def axis(index: int, key: str, default: Any) -> Any:
        value = arguments.get(key, default)
        return value[index] if isinstance(value, list) else value

    def sides(padding: Any) -> tuple[int, int]:
        return (padding["lo"], padding["hi"]) if isinstance(padding, dict) else (padding, padding)

    return [Window(axis(i, "k", 1), axis(i, "s", 1), *sides(axis(i, "p", 0)), axis(i, "d", 1)) for i in range(rank)]


def _add(sketch: Sketch, node: dict[str, Any]) -> None:
    """Append one node of the file under its own name."""
    name, operation, inputs, given = node["name"], node["op"], node["inputs"], node["args"]
    rank, axes = sketch.rank, list[Axis]()
    if operation in {"conv", "pool"}:
        windows = _windows(rank, {"s": given["k"], **given} if operation == "pool" else given)
        kind = {"conv": "conv", "pool": "max_pool"}[operation]
        add_window(sketch, kind, inputs[0], windows, name=name)
    elif operation == "convT":
        extra, plain = given.get("output_padding", 0), _windows(rank, given)
        axes = [Transposed(w.kernel, w.stride, w.before, w.after, w.dilation, extra) for w in plain]
        written: dict[str, Any] = {
            "out_channels": CHANNELS,
            "kernel_size": per_axis([w.kernel for w in plain]),
            "stride": per_axis([w.stride for w in plain]),
            "padding": per_axis([w.before for w in plain]),
            "output_padding": extra,
        }
        sketch.add(f"conv_transpose{rank}d", inputs, axes, name=name, **written)
    elif operation == "upsample":
        corners, mode = given.get("align"), given["mode"]
        axes = [Interpolate(mode, scale=given["scale"], align_corners=bool(corners))] * rank
        written = {"scale_factor": given["scale"], "mode": mode, "align_corners": corners}
        sketch.add("upsample", inputs, axes, name=name, **written)
    elif operation == "gap":
        sketch.add("global_avg_pool", inputs, [Adaptive(1)] * rank, name=name)
    elif operation == "crop":
        axes = [Cut(given["lo"], -given["hi"] or None)] * rank
        sketch.add("crop", inputs, axes, name=name, cropping=[[given["lo"], given["hi"]]] * rank)
    elif operation == "pixelshuffle":
        factor = given["r"]
        widened = mix(sketch, inputs[0], CHANNELS * factor**2)
        sketch.add("pixel_shuffle", [widened], [Shuffle(factor)] * rank, name=name, upscale_factor=factor)
    else:
        sketch.add({"relu": "relu", "add": "add", "concat": "concat"}[operation], inputs, name=name)


def translate(recorded: dict[str, Any]) -> Graph:
    """A graph of the file as a spec and as the probe's nodes."""
    sketch = Sketch(tuple(recorded["input"]))
    for node in recorded["nodes"]:
        _add(sketch, node)
    return sketch.graph()


@pytest.mark.parametrize("name", GRAPHS)
def test_the_probe_gives_the_measured_units(name: str) -> None:
    graph = translate(GRAPHS[name])
    seen = positions_seen_by_slabs(graph.nodes, graph.size)
    for node, axes in GRAPHS[name]["units"].items():
        measured = [[[*(hull(unit) or ()), len(unit)] for unit in units] for units in seen[node]]
        assert measured == axes, node


@pytest.mark.parametrize("name", GRAPHS)
def test_convcalc_gives_the_measured_units(name: str) -> None:
    report = convcalc.analyse(convcalc.loads(translate(GRAPHS[name]).text))
    for node, axes in GRAPHS[name]["units"].items():
        expected = [[[first, last] for first, last, _ in units] for units in axes]
        assert field_map(report, node)["clipped"] == expected, node


def _last_field(name: str) -> tuple[Any, Any]:
    """What convcalc reports of a graph's last node: its row's receptive field, and its map."""
    report: Any = convcalc.analyse(convcalc.loads(translate(GRAPHS[name]).text))
    row = report.to_dict()["layers"][-1]
    return row["receptive_field"], field_map(report, row["name"])


def test_branches_of_different_strides_are_not_aligned() -> None:
    """Figure 4 of Araujo, Norris and Sim (2019): the second unit sees six samples, the third five."""
    field, boxes = _last_field("distill_fig4_misaligned")
    assert field["aligned"] is False
    (units,) = boxes["unclipped"]
    assert [last - first + 1 for first, last in units[1:3]] == [6, 5]
    assert field["size"] == [max(last - first + 1 for first, last in units)]


def test_branches_of_one_stride_and_centre_are_aligned() -> None:
    """Figure 5 of Araujo, Norris and Sim (2019): field 3, effective stride 4, effective padding 1."""
    field, _ = _last_field("distill_fig5_aligned")
    assert {key: field[key] for key in ("aligned", "size", "stride", "padding")} == {
        "aligned": True,
        "size": [3],
        "stride": [4],
        "padding": [1],
    }


def test_two_layers_reach_from_u0_to_v0() -> None:
    """Figure 3 of Araujo, Norris and Sim (2019): the first output unit sees positions -1 to 4."""
    _, boxes = _last_field("distill_fig3")
    assert boxes["unclipped"][0][0] == [-1, 4]
