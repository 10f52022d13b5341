"""Reads a `.prototxt` file of Caffe: the network as it is when it is used, in the phase TEST."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count, islice

from convcalc.arith.shape import Shape
from convcalc.errors import UsageError
from convcalc.importers.caffe import elementwise, normalisation, rearranging, windows
from convcalc.importers.caffe.layer import Layer
from convcalc.importers.caffe.net import Definition, in_phase, read_layers
from convcalc.importers.caffe.prototext import Message, read_message, refusal, shown
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.naming import RESERVED, cleaned
from convcalc.importers.network import ForeignNetwork, Input
from convcalc.importers.recorder import Recorder, given_shapes, read_text

LAYERS: dict[str, Callable[[Layer], None]] = {
    "Convolution": windows.convolution,
    "Deconvolution": windows.convolution,
    "DepthwiseConvolution": windows.depthwise_convolution,
    "ConvolutionDepthwise": windows.depthwise_convolution,
    "Pooling": windows.pooling,
    "InnerProduct": windows.inner_product,
    "Embed": windows.embed,
    "ROIPooling": windows.roi_pooling,
    "PSROIPooling": windows.roi_pooling,
    "ROIAlign": windows.roi_pooling,
    "Upsample": windows.unpooling,
    "BatchNorm": normalisation.batch_norm,
    "BN": normalisation.affine_batch_norm,
    "Scale": normalisation.scale,
    "Bias": normalisation.bias,
    "LRN": normalisation.lrn,
    "MVN": normalisation.mvn,
    "Normalize": normalisation.normalize,
    "ReLU": elementwise.relu,
    "PReLU": elementwise.prelu,
    "ELU": elementwise.elu,
    "Sigmoid": elementwise.function("sigmoid"),
    "TanH": elementwise.function("tanh"),
    "AbsVal": elementwise.function("abs"),
    "BNLL": elementwise.function("softplus"),
    "SELU": elementwise.function("selu"),
    "ReLU6": elementwise.function("relu6"),
    "Swish": elementwise.function("silu"),
    "Mish": elementwise.function("mish"),
    "Power": elementwise.power,
    "Exp": elementwise.exp,
    "Log": elementwise.logarithm,
    "Clip": elementwise.clip,
    "Threshold": elementwise.threshold,
    "Dropout": elementwise.dropout,
    "Softmax": elementwise.softmax,
    "Eltwise": elementwise.eltwise,
    "Axpy": elementwise.axpy,
    "Split": rearranging.split,
    "Concat": rearranging.concat,
    "Slice": rearranging.slice_,
    "Flatten": rearranging.flatten,
    "Reshape": rearranging.reshape,
    "Permute": rearranging.permute,
    "Tile": rearranging.tile,
    "Crop": rearranging.crop,
    "Reduction": rearranging.reduction,
    "Parameter": rearranging.parameter,
    "ShuffleChannel": rearranging.channel_shuffle,
    "Interp": rearranging.interp,
    "PriorBox": rearranging.prior_box,
    "Proposal": rearranging.proposal,
}  # fmt: skip
# These choose among boxes: what they read are outputs of the network.
HEADS = ("DetectionOutput",)


def read(path: str, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a `.prototxt` file. Raises SpecError for a broken file, UsageError where an input is open."""
    source = read_text(path)
    net = read_message(source.name, source.text)
    every = read_layers(net, LAYERS)
    if not every:
        raise refusal("the file has no layers", net.where, "a solver names the file of its network in `net`")
    network = _Network(Recorder(source.name), net, every, inputs)
    network.read()
    name = os.path.splitext(os.path.basename(path))[0]
    return ForeignNetwork(
        net.text("name") or name, "Caffe", network.inputs, network.outputs(), network.recorder.finished(),
        remarks=network.recorder.remarks,
    )  # fmt: skip


class _Network:
    """The walk through the layers. `values` has what each blob holds at the moment, for layers may work in place."""

    def __init__(self, recorder: Recorder, net: Message, every: list[Definition], given: GivenInputs) -> None:
        self.recorder = recorder
        self.where = net.where
        self.layers = [each for each in every if in_phase(each) and not each.is_data]
        _number_names(self.layers)
        self.declared = _declared_inputs(net, every)
        self.given = given_shapes(given, _read_first(self.layers, self.declared))
        self.bottoms = {name for each in self.layers for name in each.bottoms}
        self.values: dict[str, str] = {}
        self.inputs: list[Input] = []
        self.final: dict[str, None] = {}
        self.index = 0  # of the layer that is read
        self.norm: Layer | None = None  # the layer before, where it is a batch normalisation without a scale

    def read(self) -> None:
        for index, definition in enumerate(self.layers):
            self.index = index
            if definition.is_loss or definition.type in HEADS or self._is_unknown_end(definition):
                self._leave_out(definition)
                continue
            layer = Layer(self.recorder, definition, [self._value(name, definition) for name in definition.bottoms])
            if not self._is_folded(layer):
                self._read_layer(layer)
            outputs = layer.outputs or [layer.value]
            if len(definition.tops) > len(outputs):
                raise layer.refusal(f"it has {len(definition.tops)} tops, and {len(outputs)} are known")
            self.values.update(zip(definition.tops, outputs))
            self.final.update(dict.fromkeys(outputs))
        if not self.recorder.operations:
            raise refusal("no layer of the network computes anything", self.where)

    def _read_layer(self, layer: Layer) -> None:
        definition = layer.definition
        read = _reader(definition)
        if read is None:
            help = "a layer of another make; write the spec of this part by hand"
            raise layer.refusal("the shape of what it gives is not known", help)
        if not layer.inputs and read not in (rearranging.parameter, rearranging.proposal):
            raise layer.refusal("it has no bottom")
        read(layer)
        is_norm = definition.type == "BatchNorm"
        self.norm = layer if is_norm else None

    def _is_folded(self, layer: Layer) -> bool:
        """Whether this is the Scale of the batch normalisation before it, which then has a learned scale."""
        norm, definition = self.norm, layer.definition
        self.norm = None
        if norm is None or definition.type != "Scale" or layer.inputs != [norm.value]:
            return False
        message = definition.parameters("scale_param")
        if message.integer("axis", 1, -64) != 1 or message.integer("num_axes", 1, -1) != 1:
            return False
        if definition.tops != definition.bottoms and self._is_read_again(definition):
            return False
        normalisation.learn_scale(layer, bias=message.flag("bias_term"))
        return True

    def _is_read_again(self, definition: Definition) -> bool:
        """Whether a later layer reads the bottom of this one too."""
        name = definition.bottoms[0]
        for each in islice(self.layers, self.index + 1, None):
            if name in each.bottoms:
                return True
            if name in each.tops:
                return False
        return False

    def _value(self, name: str, definition: Definition) -> str:
        """What a blob holds; an input of the network where no layer has given it."""
        if name not in self.values:
            if name not in self.declared:
                raise refusal(
                    f"no layer before {definition.name} gives {shown(name)}", definition.message.place("bottom")
                )
            shape = self.given.get(name, self.declared[name])
            if shape is None:
                raise UsageError(
                    f"the file does not say how large the input `{name}` is", f"give it: --input {name}=3x224x224"
                )
            self.recorder.check(shape, definition.where)
            value = self._name_of_input(name)
            self.recorder.shapes[value] = shape
            self.inputs.append(Input(value, shape, definition.type == "Embed"))
            self.values[name] = value
        return self.values[name]

    def _name_of_input(self, blob: str) -> str:
        """A name that a spec can have for an input."""
        name = cleaned(blob) or "data"
        taken = {*RESERVED, *(each.name for each in self.inputs)}
        return next(each for number in count(1) if (each := name if number == 1 else f"{name}_{number}") not in taken)

    def _leave_out(self, definition: Definition) -> None:
        """Note a layer that belongs to training, or that chooses among boxes."""
        kind = definition.type
        if kind in HEADS:
            self.recorder.remark(f"{kind} layers choose among boxes: what they read is an output")
        elif not definition.is_loss:
            self.recorder.remark(f"{kind} layers are not known; no layer reads them: what they read is an output")
        elif kind != "Silence":
            self.recorder.remark(f"{kind} layers belong to training and are left out")
        for top in definition.tops:
            self.values.pop(top, None)

    def _is_unknown_end(self, definition: Definition) -> bool:
        """Whether the shape of what a layer gives is not known, and no layer needs it."""
        return _reader(definition) is None and not any(top in self.bottoms for top in definition.tops)

    def outputs(self) -> list[str]:
        """What no layer reads."""
        given = {each.name for each in self.inputs}
        read = {value for operation in self.recorder.operations for value in operation.inputs}
        return [value for value in self.final if value not in read and value not in given]


def _number_names(layers: list[Definition]) -> None:
    """Give layers of one name a number: they have parameters of their own."""
    counts: dict[str, int] = {}
    for each in layers:
        counts[each.name] = counts.get(each.name, 0) + 1
        if counts[each.name] > 1:
            each.name = f"{each.name}#{counts[each.name]}"


def _reader(definition: Definition) -> Callable[[Layer], None] | None:
    """The function that reads a layer; None for a type that is not known."""
    if definition.type == "Python" and "proposal" in definition.parameters("python_param").text("module").lower():
        return rearranging.proposal
    return LAYERS.get(definition.type)


def _declared_inputs(net: Message, every: list[Definition]) -> dict[str, Shape | None]:
    """The inputs that the file names: their shapes without the batch, None where the file leaves them open."""
    names = net.texts("input")
    shapes: list[Shape | None] = [tuple(each.integers("dim", 0))[1:] for each in net.messages("input_shape")]
    dims = net.integers("input_dim", 0)
    if dims and not shapes:
        shapes = [tuple(dims[start + 1 : start + 4]) for start in range(0, len(dims), 4)]
    declared = dict(zip(names, [*shapes, *(None for _ in names)]))
    for definition in every:
        if definition.is_data:
            for index, top in enumerate(definition.tops):
                shape = _data_shape(definition, index)
                if declared.get(top) is None:
                    declared[top] = shape
    return declared


def _data_shape(definition: Definition, index: int) -> Shape | None:
    """The shape of a top of a data layer, where its parameters tell."""
    if definition.type in ("Input", "DummyData"):
        message = definition.parameters("input_param" if definition.type == "Input" else "dummy_data_param")
        shapes = message.messages("shape")
        if shapes:
            return tuple(shapes[min(index, len(shapes) - 1)].integers("dim", 0))[1:]
        sizes = [message.integers(name, 0) for name in ("channels", "height", "width")]
        return tuple(each[min(index, len(each) - 1)] for each in sizes) if all(sizes) else None
    if index > 0:
        return None  # labels
    memory = definition.parameters("memory_data_param")
    if "channels" in memory:
        return tuple(memory.integer(name, 0, 0) for name in ("channels", "height", "width"))
    transform = definition.parameters("transform_param")
    image = definition.parameters("image_data_param")
    crop = transform.integer("crop_size", 0) or max(
        definition.parameters(name).integer("crop_size", 0)
        for name in ("data_param", "image_data_param", "window_data_param")
    )
    is_gray = transform.flag("force_gray") or ("is_color" in image and not image.flag("is_color", True))
    height, width = (crop or image.integer(name, 0) for name in ("new_height", "new_width"))
    return (1 if is_gray else 3, height, width) if height and width else None


def _read_first(layers: list[Definition], declared: dict[str, Shape | None]) -> list[str]:
    """The inputs that layers read, in the order of the file, without what only losses read."""
    used = {name for each in layers if not each.is_loss for name in each.bottoms}
    return [name for name in declared if name in used]
