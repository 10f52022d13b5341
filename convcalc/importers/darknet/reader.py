"""Reads a `.cfg` file of darknet, of pjreddie's and of AlexeyAB's."""

from __future__ import annotations

import os
from collections.abc import Callable

from convcalc.arith.shape import Shape
from convcalc.importers.darknet import others, sums, windows
from convcalc.importers.darknet.layer import Done, Layer
from convcalc.importers.darknet.sections import Section, read_sections, shown
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork, Input
from convcalc.importers.recorder import Recorder, given_shapes, read_text

INPUT = "image"
LAYERS: dict[str, Callable[[Layer], None]] = {
    "convolutional": windows.convolutional, "conv": windows.convolutional,
    "deconvolutional": windows.deconvolutional, "deconv": windows.deconvolutional,
    "local": windows.local,
    "maxpool": windows.maxpool, "max": windows.maxpool,
    "local_avgpool": windows.local_avgpool, "local_avg": windows.local_avgpool,
    "avgpool": windows.avgpool, "avg": windows.avgpool,
    "upsample": windows.upsample,
    "reorg": windows.reorg,
    "reorg3d": windows.reorg3d,
    "crop": windows.crop,
    "connected": others.connected, "conn": others.connected,
    "softmax": others.softmax, "soft": others.softmax,
    "dropout": others.dropout,
    "normalization": others.normalization, "lrn": others.normalization,
    "batchnorm": others.batchnorm,
    "activation": others.activation,
    "logistic": others.logistic,
    "l2norm": others.l2norm,
    "implicit": others.implicit,
    "gru": others.recurrent,
    "lstm": others.recurrent,
    "rnn": others.rnn,
    "crnn": others.crnn,
    "conv_lstm": others.conv_lstm,
    "history": others.history,
    "route": others.route,
    "shortcut": sums.shortcut,
    "scale_channels": sums.scale_channels,
    "sam": sums.sam,
}  # fmt: skip
SEQUENTIAL = ("gru", "lstm", "rnn")
# Detectors decode their input into boxes: it is an output of the network.
HEADS = ("yolo", "Gaussian_yolo", "region", "detection", "iseg")
LOSSES = ("cost", "contrastive")
IDLE = ("empty", "silence")


def read(path: str, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a `.cfg` file. Raises SpecError for a broken file, UsageError where an input must be given."""
    source = read_text(path)
    net, *sections = read_sections(source.name, source.text)
    recorder = Recorder(source.name)
    shape = given_shapes(inputs, [INPUT]).get(INPUT) or _input_shape(net, sections)
    recorder.check(shape, net.where)
    recorder.shapes[INPUT] = shape
    if not sections:
        raise net.refusal("the network has no layers")
    outputs = _read_layers(recorder, sections, net)
    if not recorder.operations:
        raise net.refusal("no layer of the network computes anything")
    name = os.path.splitext(os.path.basename(path))[0]
    return ForeignNetwork(
        name, "darknet", [Input(INPUT, shape)], outputs, recorder.finished(), remarks=recorder.remarks
    )  # fmt: skip


def _input_shape(net: Section, sections: list[Section]) -> Shape:
    """The input: an image, or a vector; where layers are recurrent, a vector for each time step."""
    height, width, channels = (net.integer(key, 0) for key in ("height", "width", "channels"))
    vector = net.integer("inputs", height * width * channels)
    if any(section.type in SEQUENTIAL for section in sections):
        shape: Shape = (net.count("time_steps", 1), vector)
    elif height and width and channels:
        shape = (channels, height, width)
    else:
        shape = (vector,)
    if min(shape) < 1:
        raise net.refusal("the size of the input is missing", help="write width, height and channels, or inputs")
    return shape


def _read_layers(recorder: Recorder, sections: list[Section], net: Section) -> list[str]:
    """Read all layers; the names of the outputs."""
    done: list[Done] = []
    outputs: list[str] = []
    value = INPUT
    steps = net.count("time_steps", 1)
    frozen = max((index for index, each in enumerate(sections) if each.integer("stopbackward", 0) == 1), default=-1)
    for index, section in enumerate(sections):
        layer = Layer(recorder, section, done, value, is_frozen=index <= frozen, steps=steps)
        if section.type in HEADS:
            outputs.append(value)
            recorder.remark(f"[{section.type}] layers decode boxes and have no parameters: what they read is an output")
        elif section.type in LOSSES:
            recorder.remark(f"[{section.type}] layers compute the loss and are left out")
        elif section.type not in IDLE:
            if section.type not in LAYERS:
                raise section.refusal(f"{shown(section.type)} is no layer of darknet")
            LAYERS[section.type](layer)
        value = layer.value
        done.append(Done(section, value, layer.owner))
    if sections[-1].type not in HEADS:
        outputs.append(value)
    return list(dict.fromkeys(outputs))
