"""Reads a model file of Ultralytics as a network."""

from __future__ import annotations

import os
import re
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.arith.wording import listed
from convcalc.errors import UsageError
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork, Input
from convcalc.importers.ultralytics.activations import activation_of
from convcalc.importers.ultralytics.arguments import bound
from convcalc.importers.ultralytics.builder import Builder, Value
from convcalc.importers.ultralytics.modules import KINDS, NEWER, WITH_ANCHORS, WITH_PROMPT, WITH_TEXTS, Kind
from convcalc.importers.ultralytics.modules.heads import BINS
from convcalc.importers.ultralytics.modules.text import TEXT
from convcalc.importers.ultralytics.rows import ModelFile, Row
from convcalc.importers.ultralytics.scaling import Scale, scale_of, with_scale
from convcalc.layers.parameters import LayerError
from convcalc.problems import nearest
from convcalc.text.files import read_file
from convcalc.text.source import Source

IMAGE, TEXTS, MASK = "images", "texts", "mask"
SIZE, CLASSIFIER_SIZE = 640, 224
_Output = Value | list[Value]


def read(path: str, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a file, at the scale of its name or the first one. Raises SpecError, UsageError."""
    return read_source(read_file(path), None, inputs)


def read_source(source: Source, scale: str | None, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a text at a scale. Raises SpecError, UsageError."""
    file = ModelFile(source)
    stem = os.path.splitext(os.path.basename(source.name))[0]
    chosen = scale_of(file, scale, stem)
    return _Model(file, chosen, _inputs(file, inputs)).network(with_scale(stem, chosen.name))


def _inputs(file: ModelFile, inputs: GivenInputs) -> list[Input]:
    """What the network reads: an image, and in some networks vectors of texts and a mask. Raises UsageError."""
    modules = {row.module for row in file.rows}
    size = file.whole("imgsz", CLASSIFIER_SIZE if file.rows[-1].module == "Classify" else SIZE)
    found: dict[str, Shape] = {IMAGE: (file.whole("channels", file.whole("ch", 3)), size, size)}
    if modules & WITH_TEXTS:
        found[TEXTS] = (file.whole("nc", 80), TEXT)
    given = inputs if isinstance(inputs, dict) else dict(zip((IMAGE, TEXTS, MASK), inputs or []))
    image = given[IMAGE].shape if IMAGE in given else found[IMAGE]
    if modules & WITH_PROMPT:
        found[MASK] = (1, *(max(size // 8, 1) for size in image[1:]))  # as large as the finest map
    if not set(given) <= set(found) or len(inputs or []) > len(given) or len(image) != 3:
        names = listed([f"`{name}`" for name in found])
        help = "write the channels, height and width of the image: 3x640x640"
        raise UsageError(f"the network reads {names}, and nothing of another name or form", help)
    return [Input(name, given[name].shape if name in given else shape) for name, shape in found.items()]


def _about_its_input(message: str) -> str:
    """A message of a layer, which may name what it reads."""
    return re.sub(r"(?:the )?\{(?:input|source)\}", "its input", message)


class _Model:
    """Writes down the rows of a file one after the other."""

    def __init__(self, file: ModelFile, scale: Scale, inputs: list[Input]) -> None:
        self.file = file
        self.scale = scale
        self.inputs = inputs
        self.net = Builder(self._activation())
        self.net.first_kernel = 1 if "anchors" in file.keys else 3  # as in YOLOv5, or as in YOLOv8 and later
        values = {each.name: Value(each.name, each.shape) for each in inputs}
        self.image, self.net.texts, self.net.prompt = values[IMAGE], values.get(TEXTS), values.get(MASK)
        self.outputs: list[_Output] = []
        self.classes = file.whole("nc", 80)
        self.settings = {"reg_max": file.whole("reg_max", BINS), "end2end": file.keys.get("end2end") is True}
        self.is_legacy = True

    def network(self, name: str) -> ForeignNetwork:
        for row in self.file.rows:
            self.net.place = self.file.source.place_of(row.mark)
            try:
                self.outputs.append(self._output(row))
            except LayerError as error:
                message = f"{row.module}: {_about_its_input(str(error))}"
                self.file.fail(message, row.mark, _about_its_input(error.help))
            except (ArithmeticError, LookupError, ValueError):
                self.file.fail(f"{row.module}: its arguments do not fit what it reads", row.mark)
        last = self.outputs[-1]
        outputs = [last.name] if isinstance(last, Value) else [value.name for value in last]
        scale = f", scale {self.scale.name}" if self.scale.name else ""
        return ForeignNetwork(
            name,
            f"Ultralytics YAML{scale}",
            self.inputs,
            outputs,
            self.net.operations,
            remarks=list(dict.fromkeys(self.net.remarks)),
        )

    def _activation(self) -> tuple[str, dict[str, Any]]:
        """The activation after a convolution, where the file does not say another."""
        text = self.file.keys.get("activation") or "nn.SiLU()"
        try:
            return activation_of(str(text))
        except LayerError as error:
            self.file.fail_at("activation", str(error), error.help)

    def _output(self, row: Row) -> _Output:
        kind = self._kind(row)
        self.is_legacy = self.is_legacy and row.module not in NEWER
        number = self.scale.number(row.number)
        arguments = self._scaled(row, kind)
        if kind.counts is not None:
            arguments.insert(kind.counts, number)
            number = 1
        given = bound(kind.write, arguments, self.settings | {"legacy": self.is_legacy} if kind.is_head else {})
        output: _Output = self._inputs_of(row, kind)
        name = f"model.{row.place}"
        if number == 1:
            return kind.write(self.net, name, output, **given)  # type: ignore[no-any-return]
        with self.net.inside(name):
            for index in range(number):
                if not isinstance(output, Value):
                    raise LayerError("shapes-do-not-agree", "several in a row need one map each")
                output = kind.write(self.net, str(index), output, **given)
        return output

    def _inputs_of(self, row: Row, kind: Kind) -> Any:
        """What a row reads: one map, or a list of them."""
        read = [self._read(row, each) for each in row.reads]
        if row.module == "CBFuse":  # it chooses among the maps of each row
            return read
        if not all(isinstance(each, Value) for each in read):
            raise LayerError("shapes-do-not-agree", "it reads several maps of a row, and needs one")
        if kind.reads_many or (row.reads_many and row.module == "nn.Identity"):
            return read
        return read[0]

    def _kind(self, row: Row) -> Kind:
        name = row.module.removeprefix("torch.")
        if name not in KINDS:
            help = nearest(name, list(KINDS)) or "these are known: " + ", ".join(sorted(KINDS))
            self.file.fail(f"the module `{row.module}` is not known", row.mark, help, "unknown-type")
        return WITH_ANCHORS.get(name, KINDS[name]) if "anchors" in self.file.keys else KINDS[name]

    def _read(self, row: Row, number: int) -> _Output:
        if row.place == 0:
            return self.image
        return self.outputs[number]

    def _scaled(self, row: Row, kind: Kind) -> list[Any]:
        """The arguments of a row at the scale."""
        arguments = list(row.arguments)
        if kind.width is not None and len(arguments) > kind.width:
            channels = arguments[kind.width]
            is_number = isinstance(channels, int) and not isinstance(channels, bool)
            if is_number and (channels != self.classes or kind.width):
                arguments[kind.width] = self.scale.channels(channels)
        if row.module == "C3k2" and self.scale.is_large:
            arguments = [*arguments[:1], True, *arguments[2:]]
        if row.module == "C2fAttn":
            arguments[1:3] = self._scaled_attention(arguments[1:3])
        if row.module == "A2C2f" and self.scale.is_largest:
            arguments += [True, 1.2]
        return arguments

    def _scaled_attention(self, sizes: list[Any]) -> list[Any]:
        """The channels and the heads of an attention to texts, which have half the bound of others."""
        half = self.scale._replace(max_channels=self.scale.max_channels // 2)
        scaled = [half.channels(size) if isinstance(size, int) else size for size in sizes[:1]]
        for heads in sizes[1:]:
            is_many = isinstance(heads, int) and heads > 1
            scaled.append(max(int(min(heads, half.max_channels // 32) * half.width), 1) if is_many else heads)
        return scaled
