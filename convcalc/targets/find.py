"""Finds targets: FILE, FILE@VARIANT, REV:FILE, pytorch:MODULE:NAME, a shipped name or `-`, with a layer after `#`."""

from __future__ import annotations

import os
import re
from typing import Any

from convcalc import shipped
from convcalc.arith.wording import listed
from convcalc.errors import SpecError, UsageError
from convcalc.importers import ENDINGS, is_foreign
from convcalc.problems import Problem, Where, nearest
from convcalc.targets import names
from convcalc.targets.target import Target
from convcalc.text.files import STDIN, SUFFIXES, read_file, read_stdin
from convcalc.text.source import Source

# Files that have no network which can be read, by their endings, and what to give instead.
_CODE = "it is code: name a class or function in it, pytorch:{module}:NAME, and its input, --input 3x224x224"
_WEIGHTS = (
    "weights have no graph: name the code, pytorch:MODULE:NAME, or write a .pt2 file with torch.export.save; "
    "`check --weights` compares a spec with them"
)
_TENSORFLOW = "save the model as .keras, or convert it to .onnx"
_INSTEAD = {
    ".py": _CODE, **dict.fromkeys((".pt", ".pth", ".ckpt", ".safetensors"), _WEIGHTS),
    **dict.fromkeys((".pb", ".tflite"), _TENSORFLOW),
}  # fmt: skip
# Patterns are compiled where they are used: few targets need them.
_MODEL_KEY = r"(?m)^(backbone|head)\s*:"
_SCALE = r"(?<=\d)([nslmx])(?=[-.])"  # in the name of a model file: yolo11n.yaml, yolov8x-seg.yaml


def find(text: str, input: Any = None, python: str | None = None) -> Target:
    """The target of a text, with its file read. Raises UsageError for an unknown target, SpecError for a bad file.

    `input` is the value of --input, for a network of another format; `python` the interpreter for `pytorch:`.
    """
    target = find_text(text, input, python)
    if target.foreign is None and is_model_file(target.source.text):
        from convcalc.targets import foreign  # the importers: only for a network of another format

        return foreign.of_model_file(target, input)
    return target


def is_model_file(text: str) -> bool:
    """Whether a YAML text is a model file of Ultralytics: a mapping with the keys `backbone` and `head`."""
    return "backbone" in text and {"backbone", "head"} <= set(re.findall(_MODEL_KEY, text))


def find_text(text: str, input: Any = None, python: str | None = None) -> Target:
    """The same, but with the text of a model file of Ultralytics as it is."""
    label, hash_sign, layer = text.partition("#")
    wanted_layer = layer if hash_sign else None
    if is_foreign(label):
        from convcalc.targets import foreign  # the importers: only for a network of another format

        return foreign.find(label, wanted_layer, input, python)
    if os.path.isfile(label):
        return Target(label, _read_spec(label), None, wanted_layer)
    name, at, after = label.rpartition("@")
    if is_foreign(name):
        help = f"give {name}; `convcalc import {name}` makes a spec of it, and a spec can have variants"
        raise UsageError(f"{name} has no variants, so `@{after}` names none", help)
    if ":" in text:
        from convcalc.targets import revisions  # only a target that may be REV:FILE loads it

        target = revisions.find(text)
        if target is not None:
            return target
    name, variant = (name, after) if at else (label, None)
    if name == STDIN:
        return Target(label, read_stdin(), variant, wanted_layer)
    files = shipped.files()
    if name in files and not name.endswith(SUFFIXES):
        return Target(label, read_file(files[name]), variant, wanted_layer)
    if variant is None and name.endswith(SUFFIXES) and not os.path.exists(name):
        scaled = _model_file_at_scale(name, wanted_layer)
        if scaled is not None:
            return scaled
    if name.endswith(SUFFIXES) or "/" in name or os.sep in name or os.path.exists(name):
        return Target(label, read_file(name, names.short_names), variant, wanted_layer)
    path = names.file_with_variant(name) if variant is None else None
    if path is not None:
        return Target(label, read_file(path), name, wanted_layer)
    raise _unknown_target(label)


def _model_file_at_scale(name: str, layer: str | None) -> Target | None:
    """The model file yolo11.yaml at scale n for the name yolo11n.yaml; None where there is no such file."""
    folder, file = os.path.split(name)
    scale = re.search(_SCALE, file)
    path = os.path.join(folder, re.sub(_SCALE, "", file, count=1))
    if scale is None or not os.path.isfile(path):
        return None
    source = read_file(path)
    return Target(name, source, scale[1], layer) if is_model_file(source.text) else None


def _read_spec(path: str) -> Source:
    """The text of a file that exists. The error for a file that is no text says which files can be read."""
    if path.endswith(".py"):
        raise UsageError(f"{path} is not a spec", _readable_files(path))
    try:
        return read_file(path, names.short_names)
    except SpecError as error:
        for problem in error.problems:
            if problem.rule == "encoding" and not path.endswith(SUFFIXES):
                problem.help = _readable_files(path)
        raise


def _readable_files(path: str) -> str:
    """Which files can be read, by their endings."""
    stem, ending = os.path.splitext(path)
    if ending in _INSTEAD:
        return _INSTEAD[ending].format(module=os.path.basename(stem))
    return f"the endings of files that can be read are {listed([*SUFFIXES, *ENDINGS])}"


def _unknown_target(label: str) -> UsageError:
    ending = os.path.splitext(label)[1]
    help = "" if ending in _INSTEAD else nearest(label, names.short_names())
    if not help and ending:
        help = _readable_files(label)
    message = f"there is no file and no shipped spec `{label}`"
    return UsageError(message, help or "`convcalc zoo` lists the shipped specs; a file ends in .yaml or .yml")


def unknown_variant(source: Source, variant: str, known: list[str]) -> SpecError:
    """The error for a variant that a file does not have."""
    help = nearest(variant, known) or ("its variants are " + ", ".join(known) if known else "the file has no variants")
    return SpecError([Problem("unknown-variant", f"there is no variant `{variant}`", Where(source.name), help=help)])
