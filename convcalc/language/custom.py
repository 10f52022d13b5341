"""The section `custom`: layer types that a file defines by formulas. The formulas are checked when they are used."""

from __future__ import annotations

from convcalc.language.definitions import signature
from convcalc.language.spec import CustomType
from convcalc.language.structure import Structure
from convcalc.problems import nearest
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping

CUSTOM_KEYS = ("params", "inputs", "output_shape", "parameters", "macs", "buffers", "window")
# The keys that have one count, or several by name, and the name of a single count.
TERMS = {"parameters": "weight", "macs": "macs", "buffers": "buffers"}
WINDOW_WORDS = ("pointwise", "whole")
WINDOW_KEYS = ("kernel_size", "stride", "padding", "dilation")
# `in_shape` is the shape of the first input and `out_shape` that of the output: no input may have these names.
RESERVED = ("in", "out")


def custom_type(structure: Structure, name: str, mark: Mark, body: YamlMapping) -> CustomType:
    """A custom type. Reports keys and names that are wrong."""
    before = len(structure.problems)
    structure.check_keys(body, CUSTOM_KEYS, "a custom type")
    params, inputs = signature(structure, mark, body)
    _check_inputs(structure, inputs, body)
    for key in TERMS:
        terms = body.pairs.get(key)
        if isinstance(terms, YamlMapping):
            _check_term_names(structure, terms)
    if "window" in body.pairs:
        _check_window(structure, body.pairs["window"], body.value_mark("window"))
    return CustomType(name, mark, params, inputs, body, is_sound=len(structure.problems) == before)


def _check_term_names(structure: Structure, terms: YamlMapping) -> None:
    for name in terms.pairs:
        if not name.isidentifier():
            help = "the name of a term has letters, digits and _, as in weight or bias"
            structure.problems.add("bad-name", f"`{name}` cannot name a term", terms.key_mark(name), help=help)


def _check_inputs(structure: Structure, inputs: list[str], body: YamlMapping) -> None:
    for index, name in enumerate(inputs):
        if name in RESERVED or not name.isidentifier():
            given = body.pairs["inputs"]
            place = given.marks[index] if isinstance(given, YamlList) else body.value_mark("inputs")
            message = f"`{name}_shape` cannot be read in an expression as the shape of an input `{name}`"
            structure.problems.add("bad-name", message, place, help="choose another name")


def _check_window(structure: Structure, window: Value, mark: Mark) -> None:
    if isinstance(window, YamlList):
        for item, place in zip(window.items, window.marks):
            _check_window(structure, item, place)
    elif isinstance(window, YamlMapping):
        structure.check_keys(window, WINDOW_KEYS, "`window`")
        if "kernel_size" not in window.pairs:
            help = "a window is {kernel_size: …}, with stride, padding and dilation where they are not usual"
            structure.problems.add("missing-key", "`window` has no `kernel_size`", mark, help=help)
    elif isinstance(window, str):
        if window not in WINDOW_WORDS:
            help = nearest(window, WINDOW_WORDS) or f"write {' or '.join(WINDOW_WORDS)}, or {{kernel_size: …}}"
            structure.problems.add("wrong-value", f"`window` cannot be '{window}'", mark, help=help)
    elif window is not None and not isinstance(window, Expression):
        structure.wrong_type(window, mark, "`window`", "a word or a mapping", "write `window: {kernel_size: 3}`")
