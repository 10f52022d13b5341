"""The last modules: boxes and scores of detectors, with masks, key points or angles, and classes.

Boxes are given as distances to their four sides, in cells of the map. Fixed positions and strides turn them into
pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import NamedTuple

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import conv, convolution, depthwise, transposed


class Branch(NamedTuple):
    """What a head computes of each map. `kind` names it, so that equal branches become one block."""

    kind: str
    write: Callable[[Builder, Value], Value]


KeyPoints = list[int]  # of two
KEY_POINTS = (17, 3)  # points of a person, numbers of a point
BINS = 16  # of the distribution of a distance


def over_levels(net: Builder, name: str, maps: list[Value], branch: Branch) -> Value:
    """A branch of its own for each map; their positions are joined."""
    flat = []
    with net.inside(name):
        for index, x in enumerate(maps):
            with net.inside(str(index), branch.kind):
                flat.append(branch.write(net, x))
    return flat_levels(net, flat)


def flat_levels(net: Builder, maps: list[Value]) -> Value:
    """The positions of all maps behind each other."""
    flat = [net.give("flatten", [x], {"start_axis": 1}) for x in maps]
    return net.give("concat", flat, {"axis": 1})


def three(hidden: int, out: int) -> Branch:
    """Two 3x3 convolutions and a plain 1x1."""

    def write(net: Builder, x: Value) -> Value:
        x = conv(net, "1", conv(net, "0", x, hidden, 3), hidden, 3)
        return convolution(net, "2", x, out)

    return Branch("Branch", write)


def separable(hidden: int, out: int, *, of_class: bool = True) -> Branch:
    """Pairs of a depthwise 3x3 and a 1x1 convolution, and a plain 1x1."""

    def write(net: Builder, x: Value) -> Value:
        for name in ("0", "1"):
            with net.inside(name):
                c = x.channels
                x = depthwise(net, "0", x, c, 3) if of_class else conv(net, "0", x, c, 3, g=c)
                x = conv(net, "1", x, hidden, 1)
        return convolution(net, "2", x, out)

    return Branch("SeparableBranch", write)


def distances(net: Builder, boxes: Value, bins: int) -> Value:
    """The mean of the distribution of each distance, by a convolution with fixed weights."""
    if bins == 1:
        return boxes
    with net.inside("dfl", "DFL"):
        x = net.give("reshape", [boxes], {"shape": [4, bins, -1]})
        x = net.give("softmax", [net.give("transpose", [x], {"axes": [0, 1]})])
        x = net.give("conv2d", [x], {"out_channels": 1, "kernel_size": 1, "bias": False}, "conv", trainable=False)
        return net.give("squeeze", [x], {"axis": 0})


@dataclass
class Detector:
    """What a head computes of its maps: boxes, scores, and what further branches add, by the names of their modules.

    With `end2end` a head has every branch twice: those of training, and those whose boxes need no selection.
    """

    boxes: Branch
    scores: Branch
    bins: int
    end2end: bool
    further: dict[str, Branch] = field(default_factory=dict)
    finish: Callable[[Builder, Value], Value] = lambda net, x: x
    text_scores: Callable[[Builder, str], Value] | None = None  # in place of `scores`

    def outputs(self, net: Builder, maps: list[Value]) -> list[Value]:
        """Distances, scores and further numbers as one; then, for `end2end`, the plain ones of training."""
        raw = self._raw(net, maps, "")
        if not self.end2end:
            return [self._joined(net, raw)]
        return [self._joined(net, self._raw(net, maps, "one2one_")), *raw]

    def _raw(self, net: Builder, maps: list[Value], prefix: str) -> list[Value]:
        boxes = over_levels(net, f"{prefix}cv2", maps, self.boxes)
        if self.text_scores is not None:
            scores = self.text_scores(net, prefix)
        else:
            scores = over_levels(net, f"{prefix}cv3", maps, self.scores)
        return [boxes, scores, *(over_levels(net, prefix + name, maps, each) for name, each in self.further.items())]

    def _joined(self, net: Builder, raw: list[Value]) -> Value:
        boxes, scores, *further = raw
        net.remarks.append("boxes are distances to their sides; fixed positions and strides make pixels of them")
        parts = [distances(net, boxes, self.bins), net.give("sigmoid", [scores])]
        return net.give("concat", parts + [self.finish(net, x) for x in further])


def detector(maps: list[Value], nc: int, legacy: bool, bins: int, end2end: bool = False) -> Detector:
    """The branches that all heads have."""
    first = maps[0].channels
    hidden = max(first, min(nc, 100))
    scores = three(hidden, nc) if legacy else separable(hidden, nc)
    return Detector(three(max(16, first // 4, bins * 4), 4 * bins), scores, bins, end2end)


def beside(maps: list[Value], out: int) -> Branch:
    """A further branch with `out` outputs."""
    return three(max(maps[0].channels // 4, out), out)


@module("Detect")
def detect(
    net: Builder, maps: list[Value], nc: int = 80, reg_max: int = BINS, end2end: bool = False, *, legacy: bool = False
) -> list[Value]:
    return detector(maps, nc, legacy, reg_max, end2end).outputs(net, maps)


@module("v10Detect")
def detect_end_to_end(net: Builder, maps: list[Value], nc: int = 80) -> list[Value]:
    head = detector(maps, nc, False, BINS, end2end=True)
    head.scores = separable(max(maps[0].channels, min(nc, 100)), nc, of_class=False)
    return head.outputs(net, maps)


def prototype_layers(net: Builder, x: Value, hidden: int = 256, out: int = 32) -> Value:
    """The masks from which each object's mask is mixed, at twice the size of the map."""
    x = transposed(net, "upsample", conv(net, "cv1", x, hidden, 3), hidden, 2, 2)
    return conv(net, "cv3", conv(net, "cv2", x, hidden, 3), out)


prototypes = module("Proto")(prototype_layers)


@module("Segment")
def segment(
    net: Builder, maps: list[Value], nc: int = 80, nm: int = 32, npr: int = 256, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    head = detector(maps, nc, legacy, reg_max, end2end)
    head.further["cv4"] = beside(maps, nm)
    return [*head.outputs(net, maps), prototypes(net, "proto", maps[0], npr, nm)]


def _oriented(
    net: Builder, maps: list[Value], nc: int = 80, ne: int = 1, reg_max: int = BINS, end2end: bool = False, *,
    legacy: bool = False, bounded: bool = True,
) -> list[Value]:  # fmt: skip
    """An angle for each box, between two bounds where `bounded`."""
    head = detector(maps, nc, legacy, reg_max, end2end)
    head.further["cv4"] = beside(maps, ne)
    if bounded:
        head.finish = lambda net, x: net.give("sigmoid", [x])
    return head.outputs(net, maps)


oriented = module("OBB")(_oriented)
oriented26 = module("OBB26")(partial(_oriented, bounded=False))


@module("Pose")
def pose(
    net: Builder, maps: list[Value], nc: int = 80, kpt_shape: KeyPoints | None = None, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    head = detector(maps, nc, legacy, reg_max, end2end)
    head.further["cv4"] = beside(maps, prod(kpt_shape or KEY_POINTS))
    return head.outputs(net, maps)


@module("Classify")
def classify(net: Builder, x: Value, c2: int, k: int = 1, s: int = 1, p: int | None = None, g: int = 1) -> Value:
    x = net.give("global_avg_pool", [conv(net, "conv", x, 1280, k, s, p, g)], {}, "pool")
    x = net.give("linear", [net.give("flatten", [x])], {"out_features": c2}, "linear")
    return net.give("softmax", [x])
