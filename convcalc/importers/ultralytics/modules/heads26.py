"""The heads of YOLO26 that differ from those before: masks, key points, and classes of every pixel."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import activate, conv, convolution, transposed
from convcalc.importers.ultralytics.modules.heads import (
    BINS,
    KEY_POINTS,
    Branch,
    KeyPoints,
    beside,
    detector,
    over_levels,
    prototype_layers,
    three,
)

FLOWS, FLOW_WIDTH = 6, 64  # of the model of the errors of key points


@module("Proto26")
def prototypes26(net: Builder, maps: list[Value], hidden: int, out: int, nc: int) -> list[Value]:
    """The prototypes of masks from all maps, and for training the classes of every position."""
    first = x = maps[0]
    for index, other in enumerate(maps[1:]):
        with net.inside("feat_refine"):
            other = conv(net, str(index), other, first.channels, 1)
        x = net.give("add", [x, net.give("upsample", [other], {"size": list(first.shape[1:])})])
    masks = prototype_layers(net, conv(net, "feat_fuse", x, hidden, 3), hidden, out)
    with net.inside("semseg"):
        classes = three(hidden, nc).write(net, x)
    return [masks, classes]


@module("Segment26")
def segment(
    net: Builder, maps: list[Value], nc: int = 80, nm: int = 32, npr: int = 256, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    head = detector(maps, nc, legacy, reg_max, end2end)
    head.further["cv4"] = beside(maps, nm)
    return [*head.outputs(net, maps), *prototypes26(net, "proto", maps, npr, nm, nc)]


@module("Pose26")
def pose(
    net: Builder, maps: list[Value], nc: int = 80, kpt_shape: KeyPoints | None = None, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    """Key points and how far off they may be: two convolutions of one branch."""
    points, numbers = kpt_shape or KEY_POINTS
    hidden = max(maps[0].channels // 4, points * (numbers + 2))
    found = detector(maps, nc, legacy, reg_max, end2end).outputs(net, maps)
    further = []
    for prefix in ["", "one2one_"] if end2end else [""]:
        features = _features(net, f"{prefix}cv4", maps, hidden)
        for name, count in (("kpts", points * numbers), ("sigma", points * 2)):
            further.append(over_levels(net, f"{prefix}cv4_{name}", features, _last(count)))
    _error_model(net)
    *raw, chosen, spread = further
    return [net.give("concat", [found[0], chosen]), spread, *found[1:], *raw]


def _features(net: Builder, name: str, maps: list[Value], hidden: int) -> list[Value]:
    found = []
    with net.inside(name):
        for index, x in enumerate(maps):
            with net.inside(str(index)):
                found.append(conv(net, "1", conv(net, "0", x, hidden, 3), hidden, 3))
    return found


def _last(count: int) -> Branch:
    return Branch("", lambda net, x: convolution(net, "", x, count))


@module("RealNVP")
def _flow(net: Builder) -> None:
    """A chain of networks on pairs of numbers that training alone reads."""
    error = net.buffer("loc", (2,))
    net.buffer("cov", (2, 2))
    net.buffer("mask", (FLOWS, 2))
    for name in ("s", "t"):
        for index in range(FLOWS):
            with net.inside(f"{name}.{index}"):
                x = error
                for layer, width in (("0", FLOW_WIDTH), ("2", FLOW_WIDTH), ("4", 2)):
                    x = net.give("linear", [x], {"out_features": width}, layer)
                    x = activate(net, x, "nn.SiLU()", str(int(layer) + 1)) if width > 2 else x
                if name == "s":
                    net.give("tanh", [x], {}, "5")


def _error_model(net: Builder) -> None:
    _flow(net, "flow_model")


@module("SemanticSegment")
def classes_of_pixels(net: Builder, maps: list[Value], nc: int = 80) -> list[Value]:
    """The classes of every position, and for training those of a coarser map."""
    found = []
    for name, x in zip(("classifier", "aux_head"), maps):
        with net.inside(name):
            found.append(convolution(net, "1", conv(net, "0", x, maps[0].channels, 3), nc))
    return found


@module("Depth")
def depth(net: Builder, maps: list[Value], hidden: int = 256) -> Value:
    """The logarithm of the distance of every second pixel, from the coarsest map to the finest."""
    for name in ("cal_a", "cal_b"):
        net.buffer(name, (1,))
    with net.inside("proj"):
        found = [conv(net, str(index), x, hidden, 1) for index, x in enumerate(maps)]
    x = found[-1]
    for index in reversed(range(len(maps) - 1)):
        x = net.give("add", [found[index], net.give("upsample", [x], {"size": list(found[index].shape[1:])})])
        with net.inside(f"refine.{index}"):
            x = conv(net, "1", conv(net, "0", x, hidden, 3), hidden, 3)
    with net.inside("head"):
        x = transposed(net, "1", conv(net, "0", x, hidden // 2, 3), hidden // 2, 2, 2)
        return convolution(net, "3", conv(net, "2", x, hidden // 4, 3), 1)
