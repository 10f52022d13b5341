"""Modules that compare maps with texts: each class is a text, given as a vector (YOLO-World, YOLOE)."""

from __future__ import annotations

from math import sqrt

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.attention import heads_of
from convcalc.importers.ultralytics.modules.bottleneck import bottleneck
from convcalc.importers.ultralytics.modules.convolution import conv, convolution
from convcalc.importers.ultralytics.modules.heads import (
    BINS,
    Branch,
    Detector,
    beside,
    detector,
    flat_levels,
    prototypes,
    separable,
    three,
)
from convcalc.importers.ultralytics.modules.heads26 import prototypes26
from convcalc.importers.ultralytics.modules.partial import halves
from convcalc.importers.ultralytics.modules.transformer import linear

TEXT = 512  # numbers of a text
PROMPT_GROUPS = 16


def texts_of(net: Builder) -> Value:
    """The vectors of the texts."""
    assert net.texts is not None, "the reader gives texts to a network with such a module"
    return net.texts


def scale_and_bias(net: Builder, x: Value, scale: str, bias: str, count: int = 1) -> Value:
    """A map times a learned scale, where there is one, plus a learned bias for each of `count` maps."""
    if scale:
        factor = net.give("parameter", [], {"shape": [1, 1, 1]}, scale, tensors={"weight": ()})
        x = net.give("mul", [x, net.give("exp", [factor])])
    shift = net.give("parameter", [], {"shape": [count, 1, 1]}, bias, tensors={"weight": (count,)})
    return net.give("add", [x, shift])


@module("MaxSigmoidAttnBlock")
def text_attention(net: Builder, x: Value, c2: int, ec: int, nh: int) -> Value:
    """Each head is weighted, at each position, by the text that fits best."""
    _, height, width = x.shape
    size = heads_of(ec, nh)
    guide = linear(net, "gl", texts_of(net), ec)
    guide = net.give("reshape", [guide], {"shape": [guide.shape[0], nh, size]})
    embed = conv(net, "ec", x, ec, 1, act=False) if x.channels != ec else x
    embed = net.give("reshape", [embed], {"shape": [nh, size, height, width]})
    fit = net.give("max", [net.give("einsum", [embed, guide], {"equation": "mchw,nmc->mhwn"})], {"axis": -1})
    fit = scale_and_bias(net, net.give("scalar", [fit], {"multiply": 1 / sqrt(size)}), "", "bias", nh)
    weight = net.give("unsqueeze", [net.give("sigmoid", [fit])], {"axis": 1})
    y = conv(net, "proj_conv", x, c2, 3, 1, act=False)
    y = net.give("reshape", [y], {"shape": [nh, heads_of(c2, nh), height, width]})
    return net.give("reshape", [net.give("mul", [y, weight])], {"shape": [c2, height, width]})


@module("C2fAttn")
def c2f_text(
    net: Builder, x: Value, c2: int, n: int = 1, ec: int = 128, nh: int = 1, gc: int = TEXT, shortcut: bool = False,
    g: int = 1, e: float = 0.5,
) -> Value:  # fmt: skip
    c = int(c2 * e)
    values = halves(net, conv(net, "cv1", x, 2 * c, 1, 1))
    with net.inside("m"):
        for index in range(n):
            values.append(bottleneck(net, str(index), values[-1], c, shortcut, g, e=1.0))
    values.append(text_attention(net, "attn", values[-1], c, ec, nh))
    return conv(net, "cv2", net.give("concat", values), c2, 1)


@module("ImagePoolingAttn")
def image_pooling(net: Builder, maps: list[Value], ec: int = 256, ct: int = TEXT, nh: int = 8, k: int = 3) -> Value:
    """Texts attend to a few regions of each map; later modules read the result in place of the texts."""
    size = heads_of(ec, nh)
    regions = []
    for index, x in enumerate(maps):
        with net.inside("projections"):
            x = convolution(net, str(index), x, ec)
        with net.inside("im_pools"):
            x = net.give("adaptive_max_pool2d", [x], {"output_size": k}, str(index))
        regions.append(net.give("flatten", [x], {"start_axis": 1}))
    tokens = net.give("transpose", [net.give("concat", regions, {"axis": 1})], {"axes": [0, 1]})
    texts = texts_of(net)
    parts = []
    for name, x in (("query", texts), ("key", tokens), ("value", tokens)):
        with net.inside(name):
            x = linear(net, "1", net.give("layer_norm", [x], {}, "0"), ec)
        x = net.give("reshape", [x], {"shape": [x.shape[0], nh, size]})
        parts.append(net.give("transpose", [x], {"axes": [0, 1]}))
    y = net.give("transpose", [net.give("scaled_dot_product_attention", parts)], {"axes": [0, 1]})
    y = linear(net, "proj", net.give("flatten", [y], {"start_axis": 1}), ct)
    net.texts = net.give("add", [y, texts])
    return net.texts


def contrast(net: Builder, name: str, x: Value, texts: Value, with_bn: bool) -> Value:
    """How well each position of a map fits each text."""
    with net.inside(name, "BNContrastiveHead" if with_bn else "ContrastiveHead"):
        x = net.give("batch_norm2d", [x], {}, "norm") if with_bn else net.give("normalize", [x], {"axis": 0})
        texts = net.give("normalize", [texts], {"axis": -1})
        fit = net.give("einsum", [x, texts], {"equation": "chw,kc->khw"})
        return scale_and_bias(net, fit, "logit_scale", "bias")


def text_detector(
    maps: list[Value], nc: int, embed: int, with_bn: bool, legacy: bool, bins: int, end2end: bool, texts: Value
) -> Detector:
    """A head whose scores are those of texts."""
    head = detector(maps, nc, legacy, bins, end2end)
    hidden = max(maps[0].channels, min(nc, 100))
    branch = three(hidden, embed) if legacy else separable(hidden, embed)

    def scores(net: Builder, prefix: str) -> Value:
        found = []
        for index, x in enumerate(maps):
            with net.inside(f"{prefix}cv3.{index}", branch.kind):
                x = branch.write(net, x)
            found.append(contrast(net, f"{prefix}cv4.{index}", x, texts, with_bn))
        return flat_levels(net, found)

    head.text_scores = scores
    return head


@module("WorldDetect")
def world(
    net: Builder, maps: list[Value], nc: int = 80, embed: int = TEXT, with_bn: bool = False, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    head = text_detector(maps, nc, embed, with_bn, legacy, reg_max, end2end, texts_of(net))
    return head.outputs(net, maps)


@module("Residual")
def _refined_texts(net: Builder, texts: Value) -> Value:
    """The texts after a small network with a gate."""
    embed = texts.shape[-1]
    with net.inside("m", "SwiGLUFFN"):
        y = linear(net, "w12", texts, 4 * embed)
        gate, value = (net.give("chunk", [y], {"chunks": 2, "index": index, "axis": -1}) for index in range(2))
        y = linear(net, "w3", net.give("mul", [net.give("silu", [gate]), value]), embed)
    return net.give("add", [texts, y])


@module("SAVPE")
def _prompted(net: Builder, maps: list[Value], hidden: int, embed: int) -> Value:
    """The vector of what a mask shows: a way to name a class without a text."""
    assert net.prompt is not None, "the reader gives a prompt to a network with such a module"
    size = list(maps[0].shape[1:])

    def joined(name: str, branch: Branch) -> Value:
        found = []
        for index, x in enumerate(maps):
            with net.inside(f"{name}.{index}"):
                x = branch.write(net, x)
            found.append(net.give("upsample", [x], {"size": size}) if index else x)
        return net.give("concat", found)

    keys = joined("cv2", Branch("", lambda net, x: conv(net, "0", x, hidden, 1)))
    keys = convolution(net, "cv4", keys, PROMPT_GROUPS, 3, 1, 1)
    values = joined("cv1", Branch("", lambda net, x: conv(net, "1", conv(net, "0", x, hidden, 3), hidden, 3)))
    values = convolution(net, "cv3", values, embed)
    mask = convolution(net, "cv5", net.prompt, PROMPT_GROUPS, 3, 1, 1)
    y = net.give("concat", [keys, mask])
    with net.inside("cv6"):
        y = convolution(net, "1", conv(net, "0", y, PROMPT_GROUPS, 3), PROMPT_GROUPS, 3, 1, 1)
    y, prompt = (net.give("flatten", [x], {"start_axis": 1}) for x in (y, net.prompt))
    weights = net.give("softmax", [net.give("masked_fill", [net.give("mul", [y, prompt]), prompt])], {"axis": 1})
    weights = net.give("unsqueeze", [weights], {"axis": 1})
    tokens = net.give("reshape", [values], {"shape": [PROMPT_GROUPS, heads_of(embed, PROMPT_GROUPS), -1]})
    y = net.give("matmul", [weights, net.give("transpose", [tokens], {"axes": [1, 2]})])
    return net.give("normalize", [net.give("reshape", [y], {"shape": [1, embed]})], {"axis": -1})


def _open_vocabulary(
    net: Builder, maps: list[Value], nc: int, embed: int, with_bn: bool, legacy: bool, bins: int, end2end: bool
) -> tuple[Detector, Value]:
    """The head of YOLOE, and the vector of a visual prompt."""
    texts = net.give("normalize", [_refined_texts(net, "reprta", texts_of(net))], {"axis": -1})
    prompt = _prompted(net, "savpe", maps, max(maps[0].channels, min(nc, 100)), embed)
    return text_detector(maps, nc, embed, with_bn, legacy, bins, end2end, texts), prompt


@module("YOLOEDetect")
def yoloe(
    net: Builder, maps: list[Value], nc: int = 80, embed: int = TEXT, with_bn: bool = False, reg_max: int = BINS,
    end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    head, prompt = _open_vocabulary(net, maps, nc, embed, with_bn, legacy, reg_max, end2end)
    return [*head.outputs(net, maps), prompt]


def _yoloe_masks(
    net: Builder, maps: list[Value], nc: int = 80, nm: int = 32, npr: int = 256, embed: int = TEXT,
    with_bn: bool = False, reg_max: int = BINS, end2end: bool = False, *, legacy: bool = False, is_26: bool = False,
) -> list[Value]:  # fmt: skip
    head, prompt = _open_vocabulary(net, maps, nc, embed, with_bn, legacy, reg_max, end2end)
    head.further["cv5"] = beside(maps, nm)
    found = head.outputs(net, maps)
    masks = prototypes26(net, "proto", maps, npr, nm, nc) if is_26 else [prototypes(net, "proto", maps[0], npr, nm)]
    return [*found, *masks, prompt]


yoloe_masks = module("YOLOESegment")(_yoloe_masks)


@module("YOLOESegment26")
def yoloe_masks26(
    net: Builder, maps: list[Value], nc: int = 80, nm: int = 32, npr: int = 256, embed: int = TEXT,
    with_bn: bool = False, reg_max: int = BINS, end2end: bool = False, *, legacy: bool = False,
) -> list[Value]:  # fmt: skip
    return _yoloe_masks(net, maps, nc, nm, npr, embed, with_bn, reg_max, end2end, legacy=legacy, is_26=True)
