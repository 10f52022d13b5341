"""The layers of a Caffe network that count when it is used, whatever the age of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from convcalc import bounds
from convcalc.importers.caffe.prototext import Message, Scalar, refusal, shown
from convcalc.problems import Where

# The types of `layers`, in capitals, that are spelled otherwise in `layer`.
NEW_NAMES = {
    "ABSVAL": "AbsVal", "ARGMAX": "ArgMax", "BNLL": "BNLL", "HDF5_DATA": "HDF5Data", "HDF5_OUTPUT": "HDF5Output",
    "LRN": "LRN", "MVN": "MVN", "RELU": "ReLU", "PRELU": "PReLU", "SOFTMAX_LOSS": "SoftmaxWithLoss", "TANH": "TanH",
    "IM2COL": "Im2col", "ELU": "ELU", "BN": "BN", "SPP": "SPP", "ROIPOOLING": "ROIPooling",
    "ROI_POOLING": "ROIPooling",
}  # fmt: skip
TEST = "TEST"


class Blob(NamedTuple):
    """What a layer says of one of its parameter tensors: its shared name, if any, and whether it is trained."""

    name: str = ""
    is_trainable: bool = True


@dataclass(slots=True)
class Definition:
    """A layer as the file has it, in the words of `layer`."""

    name: str
    type: str
    bottoms: list[str]
    tops: list[str]
    message: Message
    blobs: list[Blob]

    @property
    def where(self) -> Where:
        return self.message.where

    def parameters(self, *names: str) -> Message:
        """The parameters of a type of layer; forks of Caffe have other names for some."""
        given = next((name for name in names if name in self.message), names[0])
        return self.message.message(given)

    @property
    def is_loss(self) -> bool:
        """Whether it computes a loss or another figure of training."""
        return (
            self.type.endswith("Loss") or self.type in ("Accuracy", "HDF5Output", "SoftmaxWithLoss", "Silence")
            or "loss_weight" in self.message
        )  # fmt: skip

    @property
    def is_data(self) -> bool:
        return (self.type.lower().endswith("data") or self.type in ("Input", "Python")) and not self.bottoms


def read_layers(net: Message, types: Iterable[str]) -> list[Definition]:
    """All layers, also those that only count in training. Types may be spelled in other letters than `types` are."""
    old, new = net.messages("layers"), net.messages("layer")
    if len(old) + len(new) > bounds.MAX_NETWORK_TEXT_LAYERS:
        message = f"the network has more than {bounds.MAX_NETWORK_TEXT_LAYERS:,} layers"
        raise refusal(message, net.where, bounds.how_to_raise("MAX_NETWORK_TEXT_LAYERS"))
    # Caffe refuses a file with both, other tools read it.
    definitions = [*map(_old, old), *map(_new, new)]
    spelling = {type.lower(): type for type in types}
    for definition in definitions:
        definition.type = spelling.get(definition.type.lower(), definition.type)
    return sorted(definitions, key=lambda each: each.where) if old and new else definitions


def _new(message: Message) -> Definition:
    if "type" not in message:
        raise refusal("a layer must have a type", message.where)
    blobs = [Blob(each.text("name"), each.number("lr_mult", 1.0) != 0) for each in message.messages("param")]
    return _definition(message, message.text("type"), blobs)


def _old(message: Message) -> Definition:
    if "layer" in message:
        raise refusal(
            "this is the first format of Caffe, `layers { layer {`",
            message.where,
            "upgrade it with Caffe's upgrade_net_proto_text",
        )
    if "type" not in message:
        raise refusal("a layer must have a type", message.where)
    word = message.text("type")
    if word.isupper() or (word.replace("_", "").isalnum() and word.upper() == word):
        word = NEW_NAMES.get(word) or "".join(part.capitalize() for part in word.split("_"))
    names = [value.text for value in message.fields.get("param", []) if isinstance(value, Scalar)]
    rates = message.numbers("blobs_lr")
    blobs = [
        Blob(names[index] if index < len(names) else "", rates[index] != 0 if index < len(rates) else True)
        for index in range(max(len(names), len(rates)))
    ]
    return _definition(message, word, blobs)


def _definition(message: Message, type: str, blobs: list[Blob]) -> Definition:
    tops = message.texts("top")
    name = message.text("name") or (tops[0] if tops else type)
    return Definition(name, type, message.texts("bottom"), tops, message, blobs)


def in_phase(definition: Definition) -> bool:
    """Whether a layer counts when the network is used: the rules of Caffe for the phase TEST."""
    include, exclude = definition.message.messages("include"), definition.message.messages("exclude")
    if include and exclude:
        raise refusal("a layer has `include` or `exclude`, not both", definition.where)
    if "phase" in definition.message and definition.message.text("phase") != TEST:
        return False
    if include:
        return any(_is_met(rule) for rule in include)
    return not any(_is_met(rule) for rule in exclude)


def _is_met(rule: Message) -> bool:
    phase = rule.text("phase", TEST)
    if phase not in ("TRAIN", TEST, "0", "1"):
        raise refusal(f"a phase is TRAIN or TEST, not {shown(phase)}", rule.place("phase"))
    return (
        phase in (TEST, "1")
        and rule.integer("min_level", 0, -(2**31)) <= 0 <= rule.integer("max_level", 0, -(2**31))
        and "stage" not in rule
    )
