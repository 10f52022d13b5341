"""Transformer layers, and the modules of RT-DETR: an encoder layer, and a decoder whose queries look at few places."""

from __future__ import annotations

from dataclasses import dataclass

from convcalc.arith.shape import Shape
from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import conv, convolution
from convcalc.layers.parameters import LayerError

BOX = 4


def linear(net: Builder, name: str, x: Value, features: int, bias: bool = True) -> Value:
    return net.give("linear", [x], {"out_features": features, "bias": bias}, name)


def computed(net: Builder, shape: list[int]) -> Value:
    """Fixed numbers that the source computes each time."""
    net.remarks.append("the source computes fixed positions and anchors; here they are constants, counted as buffers")
    return net.give("constant", [], {"shape": shape})


def attend(net: Builder, name: str, inputs: list[Value], heads: int) -> Value:
    """Multi-head attention with PyTorch's names: the projections of queries, keys and values are one tensor."""
    size = inputs[0].shape[-1]
    tensors: dict[str, Shape] = {
        "in_proj_weight": (3 * size, size),
        "in_proj_bias": (3 * size,),
        "out_proj.weight": (size, size),
        "out_proj.bias": (size,),
    }
    return net.give("multihead_attention", inputs, {"num_heads": heads}, name, tensors=tensors)


def normed_sum(net: Builder, name: str, x: Value, y: Value) -> Value:
    return net.give("layer_norm", [net.give("add", [x, y])], {}, name)


@module("AIFI")
def encoder(net: Builder, x: Value, cm: int = 2048, num_heads: int = 8) -> Value:
    """Each position attends to all others; fixed waves tell queries and keys where they are."""
    channels, height, width = x.shape
    tokens = net.give("transpose", [net.give("flatten", [x], {"start_axis": 1})], {"axes": [0, 1]})
    positions = computed(net, [height * width, channels])
    placed = net.give("add", [tokens, positions])
    y = attend(net, "ma", [placed, placed, tokens], num_heads)
    y = normed_sum(net, "norm1", tokens, y)
    hidden = net.give("gelu", [linear(net, "fc1", y, cm)], {}, "act")
    y = normed_sum(net, "norm2", y, linear(net, "fc2", hidden, channels))
    return net.give("reshape", [net.give("transpose", [y], {"axes": [0, 1]})], {"shape": [channels, height, width]})


@module("TransformerLayer")
def _plain_layer(net: Builder, x: Value, num_heads: int) -> Value:
    """Attention and two linear layers, without norms."""
    size = x.shape[-1]
    parts = [linear(net, name, x, size, bias=False) for name in ("q", "k", "v")]
    x = net.give("add", [attend(net, "ma", parts, num_heads), x])
    return net.give("add", [linear(net, "fc2", linear(net, "fc1", x, size, bias=False), size, bias=False), x])


@module("TransformerBlock")
def _plain_layers(net: Builder, x: Value, num_heads: int, n: int) -> Value:
    """Layers on the positions of a map, which a linear layer tells apart."""
    tokens = net.give("transpose", [net.give("flatten", [x], {"start_axis": 1})], {"axes": [0, 1]})
    y = net.give("add", [tokens, linear(net, "linear", tokens, x.channels)])
    with net.inside("tr"):
        for index in range(n):
            y = _plain_layer(net, str(index), y, num_heads)
    return net.give("reshape", [net.give("transpose", [y], {"axes": [0, 1]})], {"shape": list(x.shape)})


@module("C3TR")
def c3_transformer(
    net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5
) -> Value:
    c = int(c2 * e)
    first = _plain_layers(net, "m", conv(net, "cv1", x, c, 1, 1), 4, n)
    return conv(net, "cv3", net.give("concat", [first, conv(net, "cv2", x, c, 1, 1)]), c2, 1)


def perceptron(net: Builder, name: str, x: Value, sizes: list[int], call: int = 0) -> Value:
    """Linear layers with a ReLU between them; `call` counts the uses of one module."""
    with net.inside(name, "MLP", call):
        for index, size in enumerate(sizes):
            x = linear(net, f"layers.{index}", x, size)
            x = net.give("relu", [x]) if index < len(sizes) - 1 else x
    return x


@dataclass
class Sizes:
    """The sizes of a decoder, by what they count."""

    classes: int
    features: int
    queries: int
    points: int
    heads: int
    layers: int
    hidden: int
    maps: int


@module("RTDETRDecoder")
def decoder(
    net: Builder, maps: list[Value], nc: int = 80, hd: int = 256, nq: int = 300, ndp: int = 4, nh: int = 8,
    ndl: int = 6, d_ffn: int = 1024,
) -> list[Value]:  # fmt: skip
    """The places with the best scores become queries, whose boxes each layer moves a little."""
    size = Sizes(nc, hd, nq, ndp, nh, ndl, d_ffn, len(maps))
    if nh < 1 or ndl < 1 or hd % nh:
        raise LayerError("wrong-value", f"{hd} features cannot be cut into {nh} heads")
    memory = _memory(net, maps, hd)
    with net.inside("enc_output"):
        places = net.give("layer_norm", [linear(net, "0", memory, hd)], {}, "1")
    queries, scores, boxes = _queries(net, places, size)
    # Known objects with noise, from which a decoder learns; nothing reads them afterwards.
    net.give("parameter", [], {"shape": [nc, hd]}, "denoising_class_embed.weight", tensors={"weight": (nc, hd)})
    given = [boxes, scores]
    reference = net.give("sigmoid", [boxes])
    x = queries
    for index in range(ndl):
        x = _layer(net, index, x, reference, memory, size)
        moved = perceptron(net, f"dec_bbox_head.{index}", x, [hd, hd, BOX])
        reference = net.give("sigmoid", [net.give("add", [moved, _logit(net, reference)])])
        with net.inside("dec_score_head"):
            score = linear(net, str(index), x, nc)
        given += [reference, score]
    return [net.give("concat", [given[-2], net.give("sigmoid", [given[-1]])], {"axis": 1}), *given[:-2]]


def _logit(net: Builder, x: Value) -> Value:
    """The inverse of the sigmoid: log(x) - log(1 - x)."""
    rest = net.give("log", [net.give("scalar", [x], {"multiply": -1, "add": 1})])
    return net.give("sub", [net.give("log", [x]), rest])


def _memory(net: Builder, maps: list[Value], features: int) -> Value:
    """All positions of all maps as tokens."""
    with net.inside("input_proj"):
        projected = []
        for index, x in enumerate(maps):
            with net.inside(str(index)):
                x = net.give("batch_norm2d", [convolution(net, "0", x, features, bias=False)], {}, "1")
            projected.append(x)
    tokens = [net.give("flatten", [x], {"start_axis": 1}) for x in projected]
    tokens = [net.give("transpose", [x], {"axes": [0, 1]}) for x in tokens]
    return net.give("concat", tokens)


def _queries(net: Builder, places: Value, size: Sizes) -> tuple[Value, Value, Value]:
    """The tokens with the best scores, their scores, and their boxes around fixed anchors, before a sigmoid."""
    scores = linear(net, "enc_score_head", places, size.classes)
    best = net.give("topk", [net.give("max", [scores], {"axis": 1})], {"k": size.queries})
    picked = net.part(best, "indices")
    queries = net.give("index_select", [places, picked], {"axis": 0})
    anchors = computed(net, [places.shape[0], BOX])
    anchors = net.give("index_select", [anchors, picked], {"axis": 0})
    found = perceptron(net, "enc_bbox_head", queries, [size.features, size.features, BOX])
    return queries, net.give("index_select", [scores, picked], {"axis": 0}), net.give("add", [found, anchors])


def _layer(net: Builder, index: int, x: Value, reference: Value, memory: Value, size: Sizes) -> Value:
    """Queries attend to each other and to the maps, and go through two linear layers."""
    positions = perceptron(net, "query_pos_head", reference, [2 * size.features, size.features], index)
    with net.inside(f"decoder.layers.{index}", "DeformableTransformerDecoderLayer"):
        placed = net.give("add", [x, positions])
        x = normed_sum(net, "norm1", x, attend(net, "self_attn", [placed, placed, x], size.heads))
        placed = net.give("add", [x, positions])
        x = normed_sum(net, "norm2", x, _look(net, placed, reference, memory, size))
        hidden = net.give("relu", [linear(net, "linear1", x, size.hidden)], {}, "act")
        return normed_sum(net, "norm3", x, linear(net, "linear2", hidden, size.features))


def _look(net: Builder, queries: Value, reference: Value, memory: Value, size: Sizes) -> Value:
    """Deformable attention: each query reads a few places around its box on each map, and weighs them."""
    points = size.heads * size.maps * size.points
    with net.inside("cross_attn", "MSDeformAttn"):
        values = linear(net, "value_proj", memory, size.features)
        offsets = linear(net, "sampling_offsets", queries, 2 * points)
        weights = linear(net, "attention_weights", queries, points)
        weights = net.give("reshape", [weights], {"shape": [size.queries, size.heads, points // size.heads]})
        weights = net.give("softmax", [weights], {"axis": 2})
        shape = (queries.shape[0], size.features)
        sampled = net.unknown("MultiScaleDeformableSampling", [values, reference, offsets, weights], shape, {})
        return linear(net, "output_proj", sampled, size.features)
