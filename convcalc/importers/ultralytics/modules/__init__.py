"""The modules that a row may name, and how its arguments are made those of the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from convcalc.importers.ultralytics.modules import (
    anchors,
    attention,
    bottleneck,
    convolution,
    heads,
    heads26,
    partial,
    plain,
    stacked,
    text,
    transformer,
)


class Kind(NamedTuple):
    """A module: what writes it down, and what the scale does to its arguments.

    The channels of the output are the argument `width` (None: no argument is scaled), `counts` is where the number of
    modules is put among the arguments (None: the modules follow each other). `is_head` modules read a list of maps and
    get `legacy`.
    """

    write: Callable[..., Any]
    width: int | None = 0
    counts: int | None = None
    is_head: bool = False
    reads_many: bool = False


def _head(write: Callable[..., Any], width: int | None = None) -> Kind:
    return Kind(write, width, is_head=True, reads_many=True)


KINDS: dict[str, Kind] = {
    "Conv": Kind(convolution.conv),
    "DWConv": Kind(convolution.depthwise),
    "ConvTranspose": Kind(convolution.conv_transpose),
    "DWConvTranspose2d": Kind(convolution.depthwise_transposed),
    "GhostConv": Kind(convolution.ghost_conv),
    "RepConv": Kind(convolution.rep_conv, None),
    "LightConv": Kind(convolution.light_conv, None),
    "Focus": Kind(convolution.focus),
    "SCDown": Kind(convolution.separated_down),
    "AConv": Kind(convolution.average_conv),
    "ADown": Kind(convolution.average_down),
    "Bottleneck": Kind(bottleneck.bottleneck),
    "GhostBottleneck": Kind(bottleneck.ghost_bottleneck),
    "ResNetLayer": Kind(bottleneck.resnet_layer, None),
    "BottleneckCSP": Kind(partial.csp, counts=1),
    "C1": Kind(partial.c1, counts=1),
    "C2": Kind(partial.c2, counts=1),
    "C2f": Kind(partial.c2f, counts=1),
    "C2fCIB": Kind(partial.c2f_inverted, counts=1),
    "C2fPSA": Kind(partial.c2f_attention, counts=1),
    "C3": Kind(partial.c3, counts=1),
    "C3TR": Kind(transformer.c3_transformer, counts=1),
    "C3x": Kind(partial.c3x, counts=1),
    "C3Ghost": Kind(partial.c3_ghost, counts=1),
    "C3k2": Kind(partial.c3k2, counts=1),
    "RepC3": Kind(partial.rep_c3, counts=1),
    "A2C2f": Kind(partial.area_c2f, counts=1),
    "PSA": Kind(attention.half_attention),
    "C2PSA": Kind(attention.half_attention_blocks, counts=1),
    "SPP": Kind(stacked.pyramid),
    "SPPF": Kind(stacked.fast_pyramid),
    "SPPELAN": Kind(stacked.elan_pyramid),
    "ELAN1": Kind(stacked.elan),
    "RepNCSPELAN4": Kind(stacked.rep_elan),
    "CBLinear": Kind(stacked.branching, None),
    "CBFuse": Kind(stacked.fused, None, reads_many=True),
    "HGStem": Kind(stacked.hg_stem, None),
    "HGBlock": Kind(stacked.hg_block, None, counts=3),
    "Concat": Kind(plain.concat, None, reads_many=True),
    "Index": Kind(plain.index, None, reads_many=True),
    "nn.Upsample": Kind(plain.upsample, None),
    "nn.MaxPool2d": Kind(plain.max_pool, None),
    "nn.AvgPool2d": Kind(plain.average_pool, None),
    "nn.ZeroPad2d": Kind(plain.zero_pad, None),
    "nn.BatchNorm2d": Kind(plain.batch_norm, None),
    "nn.Conv2d": Kind(plain.plain_convolution),
    "nn.ConvTranspose2d": Kind(plain.plain_transposed),
    "nn.Identity": Kind(plain.identity, None),
    "AIFI": Kind(transformer.encoder, None),
    "RTDETRDecoder": _head(transformer.decoder),
    "Classify": Kind(heads.classify),
    "Detect": _head(heads.detect),
    "v10Detect": _head(heads.detect_end_to_end),
    "Segment": _head(heads.segment, width=2),
    "Pose": _head(heads.pose),
    "OBB": _head(heads.oriented),
    "OBB26": _head(heads.oriented26),
    "Segment26": _head(heads26.segment, width=2),
    "Pose26": _head(heads26.pose),
    "SemanticSegment": _head(heads26.classes_of_pixels),
    "Depth": _head(heads26.depth),
    "C2fAttn": Kind(text.c2f_text, counts=1),
    "ImagePoolingAttn": _head(text.image_pooling),
    "WorldDetect": _head(text.world),
    "YOLOEDetect": _head(text.yoloe),
    "YOLOESegment": _head(text.yoloe_masks, width=2),
    "YOLOESegment26": _head(text.yoloe_masks26, width=2),
}
# The heads of a file with the key `anchors`.
WITH_ANCHORS = {"Detect": _head(anchors.detect), "Segment": _head(anchors.segment, width=3)}
# These compare maps with texts, and those of the second set with what a mask shows too.
WITH_TEXTS = frozenset(("C2fAttn", "ImagePoolingAttn", "WorldDetect", "YOLOEDetect", "YOLOESegment", "YOLOESegment26"))
WITH_PROMPT = frozenset(("YOLOEDetect", "YOLOESegment", "YOLOESegment26"))
# A network with one of these has heads whose scores come from depthwise convolutions.
NEWER = frozenset(("C3k2", "A2C2f", "C2fCIB"))
