"""The heads of YOLOv5: for each anchor at each position the box, how sure it is, and the scores of the classes."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import convolution
from convcalc.importers.ultralytics.modules.heads import prototypes
from convcalc.layers.parameters import LayerError

BOX = 5  # four sizes of a box, and how sure it is


def _numbers(net: Builder, maps: list[Value], anchors: list[list[float]] | int, numbers: int) -> Value:
    """All boxes of all maps, each with its numbers."""
    counts = [anchors] * len(maps) if isinstance(anchors, int) else [len(each) // 2 for each in anchors]
    if len(counts) != len(maps):
        raise LayerError("wrong-value", f"it has anchors for {len(counts)} maps and reads {len(maps)}")
    if len(set(counts)) > 1 or 0 in counts:
        raise LayerError("wrong-value", f"it has {counts} anchors for its maps, and needs as many for each")
    if isinstance(anchors, list):
        net.buffer("anchors", (len(anchors), counts[0], 2))
    with net.inside("m"):
        found = [convolution(net, str(index), x, counts[index] * numbers) for index, x in enumerate(maps)]
    boxes = []
    for x, count in zip(found, counts):
        x = net.give("reshape", [x], {"shape": [count, numbers, *x.shape[1:]]})
        x = net.give("permute", [x], {"axes": [0, 2, 3, 1]})
        boxes.append(net.give("flatten", [x], {"end_axis": 2}))
    return net.give("concat", boxes)


@module("Detect")
def detect(net: Builder, maps: list[Value], nc: int = 80, anchors: list[list[float]] | int = 3) -> Value:
    return net.give("sigmoid", [_numbers(net, maps, anchors, BOX + nc)])


@module("Segment")
def segment(
    net: Builder,
    maps: list[Value],
    nc: int = 80,
    anchors: list[list[float]] | int = 3,
    nm: int = 32,
    npr: int = 256,
) -> list[Value]:
    masks = prototypes(net, "proto", maps[0], npr, nm)
    boxes = _numbers(net, maps, anchors, BOX + nc + nm)
    parts = [net.give("split", [boxes], {"sizes": [BOX + nc, nm], "index": index, "axis": 1}) for index in range(2)]
    return [net.give("concat", [net.give("sigmoid", [parts[0]]), parts[1]], {"axis": 1}), masks]
