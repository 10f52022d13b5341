"""The other layers of darknet: dense ones, merges, recurrent ones, and functions of single elements."""

from __future__ import annotations

from math import prod

from convcalc.arith.shape import Shape
from convcalc.importers.darknet.layer import Layer
from convcalc.importers.network import Tensor

# The connected layers inside recurrent ones, by darknet's names: from the input, and from the state.
GATES = {
    "gru": (("uz", "ur", "uh"), ("wz", "wr", "wh")),
    "lstm": (("uf", "ui", "ug", "uo"), ("wf", "wi", "wg", "wo")),
}


def connected(layer: Layer) -> None:
    *steps, features = layer.vector()
    output = layer.section.count("output", 1)
    is_normalised = bool(layer.section.integer("batch_normalize", 0))
    tensors = layer.tensors(weight=(output, features), bias=(output,))
    if is_normalised:
        del tensors["bias"]
    layer.add(
        "linear", (*steps, output), name="linear", tensors=tensors, out_features=output, bias=not is_normalised
    )  # fmt: skip
    if is_normalised:
        layer.normalise()
    layer.activate("logistic")


def softmax(layer: Layer) -> None:
    """Softmax over all elements, over each of several groups, or over the channels at each position."""
    groups = layer.section.count("groups", 1)
    if len(layer.shape) == 3 and (layer.section.number("spatial", 0) or layer.shape[1:] == (1, 1)) and groups == 1:
        layer.add("softmax")
        return
    *steps, size = shape = layer.vector()
    if groups > 1:
        if size % groups:
            raise layer.refusal(f"groups {groups} must divide {size} elements", "groups")
        split = (*steps, groups, size // groups)
        layer.add("reshape", split, shape=list(split))
    layer.add("softmax", axis=len(layer.shape) - 1)
    if groups > 1:
        layer.add("reshape", shape, shape=list(shape))


def dropout(layer: Layer) -> None:
    layer.add("dropout", p=min(max(layer.section.number("probability", 0.2), 0.0), 1.0))


def normalization(layer: Layer) -> None:
    """Local response normalisation; the language's factor is that of the mean square, darknet's that of the sum."""
    layer.image()
    number, size = layer.section.number, layer.section.count("size", 5)
    layer.add(
        "local_response_norm", size=size, alpha=number("alpha", 0.0001) * size, beta=number("beta", 0.75),
        k=number("kappa", 1.0),
    )  # fmt: skip


def batchnorm(layer: Layer) -> None:
    layer.image()
    layer.normalise()


def activation(layer: Layer) -> None:
    layer.activate("linear")


def logistic(layer: Layer) -> None:
    layer.add("sigmoid")


def l2norm(layer: Layer) -> None:
    layer.image()
    layer.add("normalize")


def implicit(layer: Layer) -> None:
    """Learned numbers that read nothing."""
    shape = (layer.section.count("filters", 128), layer.section.count("atoms", 1), 1)
    layer.add("parameter", shape, inputs=[], tensors=layer.tensors(parameter=shape), shape=list(shape))


def recurrent(layer: Layer) -> None:
    """A GRU or an LSTM; no layer type does the same where batch normalisation is inside."""
    steps, features = layer.sequence()
    output = layer.section.count("output", 1)
    is_normalised = bool(layer.section.integer("batch_normalize", 0))
    tensors: dict[str, Tensor] = {}
    for gates, inputs in zip(GATES[layer.section.type], (features, output)):
        for gate in gates:
            tensors.update(_dense(layer, gate, inputs, output, is_normalised))
    shape = (steps, output)
    if is_normalised:
        layer.add(layer.section.type, shape, known=False, tensors=tensors)
    else:
        layer.add(layer.section.type, shape, tensors=tensors, hidden_size=output)


def _dense(layer: Layer, name: str, inputs: int, outputs: int, is_normalised: bool) -> dict[str, Tensor]:
    """The parameters of a connected layer inside a recurrent one."""
    terms: dict[str, Shape] = {"weights": (outputs, inputs), "biases": (outputs,)}
    if is_normalised:
        terms["scales"] = (outputs,)
    return layer.tensors(**{f"{name}.{term}": shape for term, shape in terms.items()})


def rnn(layer: Layer) -> None:
    """Three connected layers: from the input, from the state to itself, and to the output. No layer type does the same.

    AlexeyAB's darknet has `hidden` features of the state, that of pjreddie as many as outputs.
    """
    steps, features = layer.sequence()
    output = layer.section.count("output", 1)
    hidden = layer.section.count("hidden", output)
    is_normalised = bool(layer.section.integer("batch_normalize", 0))
    tensors = {
        **_dense(layer, "input", features, hidden, is_normalised),
        **_dense(layer, "self", hidden, hidden, is_normalised),
        **_dense(layer, "output", hidden, output, is_normalised),
    }
    layer.add("rnn", (steps, output), known=False, tensors=tensors)


def crnn(layer: Layer) -> None:
    """Three convolutions: from the input, from the state to itself, and to the output."""
    section = layer.section
    channels, sizes = (layer.shape[-1], ()) if len(layer.shape) == 2 else (layer.image()[0], layer.shape[1:])
    hidden = section.count("hidden", section.count("hidden_filters", 1))
    output = section.count("output", section.count("output_filters", 1))
    size, groups = section.count("size", 3), section.count("groups", 1)
    tensors: dict[str, Tensor] = {}
    for name, inputs, outputs in (("input", channels, hidden), ("self", hidden, hidden), ("output", hidden, output)):
        terms: dict[str, Shape] = {"weights": (outputs, inputs // groups, size, size), "biases": (outputs,)}
        if section.integer("batch_normalize", 0):
            terms["scales"] = (outputs,)
        tensors.update(layer.tensors(**{f"{name}.{term}": shape for term, shape in terms.items()}))
    layer.add("crnn", (layer.shape[0], output) if not sizes else (output, *sizes), known=False, tensors=tensors)


def conv_lstm(layer: Layer) -> None:
    """Convolutions for each gate: from the input, from the state, and with `peephole` from the cell."""
    section = layer.section
    channels, height, width = layer.image()
    output, size, groups = section.count("output", 1), section.count("size", 3), section.count("groups", 1)
    inner = output * 2 if section.integer("bottleneck", 0) else output
    gates = dict.fromkeys(GATES["lstm"][0], channels)
    gates |= {"wf": inner} if section.integer("bottleneck", 0) else dict.fromkeys(GATES["lstm"][1], output)
    gates |= dict.fromkeys(("vf", "vi", "vo"), output) if section.integer("peephole", 0) else {}
    tensors: dict[str, Tensor] = {}
    for name, inputs in gates.items():
        terms: dict[str, Shape] = {"weights": (output, inputs // groups, size, size), "biases": (output,)}
        if section.integer("batch_normalize", 0):
            terms["scales"] = (output,)
        tensors.update(layer.tensors(**{f"{name}.{term}": shape for term, shape in terms.items()}))
    layer.add("conv_lstm", (output, height, width), known=False, tensors=tensors)


def history(layer: Layer) -> None:
    """The maps of the last images, one behind the other."""
    channels, height, width = layer.image()
    size = layer.section.count("history_size", 4)
    layer.add("history", (channels * size, height, width), known=False)


def route(layer: Layer) -> None:
    """Earlier layers one behind the other, or one of several groups of the channels of each."""
    section = layer.section
    if "layers" not in section.values:
        raise layer.refusal("a route layer must name its inputs", help="write layers=-1,8")
    values = [layer.earlier(index, "layers").value for index in section.integers("layers")]
    groups, group = section.count("groups", 1), section.integer("group_id", 0)
    if not 0 <= group < groups:
        raise layer.refusal(f"group_id {group} must be from 0 to {groups - 1}", "group_id")
    shapes = [layer.recorder.shapes[value] for value in values]
    if any(len(shape) != len(shapes[0]) or shape[1:] != shapes[0][1:] for shape in shapes):
        if any(len(shape) == 2 for shape in shapes):
            raise layer.refusal("a route of sequences is not known", "layers")
        values = [_flattened(layer, value) for value in values]  # as darknet does with maps of several sizes
    pieces = []
    for value in values:
        channels, *sizes = layer.recorder.shapes[value]
        if groups > 1:
            if channels % groups:
                raise layer.refusal(f"groups {groups} must divide {channels} channels", "groups")
            value = layer.add("chunk", (channels // groups, *sizes), inputs=[value], chunks=groups, index=group)
        pieces.append(value)
    layer.value = pieces[0]
    if len(pieces) > 1:
        first, *_ = shapes = [layer.recorder.shapes[piece] for piece in pieces]
        layer.add("concat", (sum(shape[0] for shape in shapes), *first[1:]), inputs=pieces)


def _flattened(layer: Layer, value: str) -> str:
    shape = layer.recorder.shapes[value]
    return value if len(shape) == 1 else layer.add("flatten", (prod(shape),), inputs=[value])
