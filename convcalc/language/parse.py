"""Makes a Spec from located values and checks its structure. Values are checked when the network is built."""

from __future__ import annotations

from convcalc.language.definitions import DefinedTypes, check_cycles, check_param_names, signature
from convcalc.language.entries import EntryParser
from convcalc.language.spec import Block, Spec, Variant
from convcalc.language.structure import Structure
from convcalc.text.collector import Problems
from convcalc.text.compose import compose
from convcalc.text.source import Mark, Source, YamlList, YamlMapping

TOP_LEVEL = ("name", "description", "source", "include", "input", "params", "variants", "blocks", "custom", "layers",
             "outputs", "expect")  # fmt: skip
# The keys that a library may have: a file for includes, without a network. The last three are its definitions.
LIBRARY_KEYS = ("name", "description", "source", "include", "params", "blocks", "custom")
BLOCK_KEYS = ("params", "inputs", "layers", "outputs")
VARIANT_KEYS = ("params", "input", "expect", "description")


def parse(source: Source, root: YamlMapping | None = None) -> tuple[Spec, Problems]:
    """The spec and its problems so far. Raises SpecError where the text is not well-formed YAML.

    `root` has the values of the text, where `compose` has read them before.
    """
    root = compose(source) if root is None else root
    structure = Structure(source)
    structure.check_keys(root, TOP_LEVEL, "a spec")
    files = [root]
    if "include" in root.pairs:
        from convcalc.language.include import read_included  # only a spec with `include` loads it

        files = [*read_included(structure, root, TOP_LEVEL), root]
    spec = _spec_with_heading(structure, root)
    spec.params = _params(structure, files)
    spec.expect = structure.mapping(root, "expect")
    types = DefinedTypes(structure)
    blocks = [member for file in files for member in types.add(file, "blocks", "block")]
    customs = [member for file in files for member in types.add(file, "custom", "custom type")]
    for name, mark, body in customs:
        from convcalc.language.custom import custom_type  # only a spec with custom types loads it

        spec.custom[name] = custom_type(structure, name, mark, body)
    parser = EntryParser(structure, types.bodies)
    for name, mark, body in blocks:
        spec.blocks[name] = _block(parser, name, mark, body)
    check_cycles(structure, spec.blocks)
    for name, mark, body in structure.members(root, "variants"):
        spec.variants[name] = _variant(structure, name, mark, body, spec.params)
    _read_network(parser, spec, root)
    return spec, structure.problems


def _spec_with_heading(structure: Structure, root: YamlMapping) -> Spec:
    """A spec with its name, description and source."""
    spec = Spec(structure.source)
    spec.mark = next((root.key_mark(key) for key in ("name", "layers") if key in root.pairs), root.mark)
    spec.name = structure.text(root, "name")
    spec.description = structure.text(root, "description")
    spec.citation = structure.text(root, "source")
    return spec


def _params(structure: Structure, files: list[YamlMapping]) -> YamlMapping:
    params = [structure.mapping(file, "params") or YamlMapping(file.mark) for file in files]
    for each in params:
        check_param_names(structure, each)
    if len(params) == 1:
        return params[0]
    from convcalc.language.include import merge_params  # only a spec with `include` loads it

    return merge_params(params)


def _block(parser: EntryParser, name: str, mark: Mark, body: YamlMapping) -> Block:
    structure = parser.structure
    structure.check_keys(body, BLOCK_KEYS, "a block")
    params, inputs = signature(structure, mark, body)
    if "layers" in body.pairs:
        entries = parser.entries(body.pairs["layers"], body.value_mark("layers"), f"`layers` of block {name}")
    else:
        entries = []
        message = f"block `{name}` has no `layers`"
        structure.problems.add("missing-key", message, mark, help="list its entries under `layers:`")
    return Block(name, mark, params, inputs, entries, _outputs_of_block(structure, body))


def _outputs_of_block(structure: Structure, body: YamlMapping) -> YamlList | None:
    """The names of a block's outputs; None where the last entry is its only output."""
    outputs = body.pairs.get("outputs")
    if outputs is None:
        return None
    if isinstance(outputs, YamlList) and outputs.items and all(isinstance(item, str) for item in outputs.items):
        return outputs
    help = "name entries of the block: `outputs: [a, b]`"
    structure.wrong_type(outputs, body.value_mark("outputs"), "`outputs` of a block", "a list of names", help)
    return None


def _variant(structure: Structure, name: str, mark: Mark, body: YamlMapping, params: YamlMapping) -> Variant:
    moved = [key for key in body.pairs if key in params.pairs and key not in VARIANT_KEYS]
    for key in moved:
        message, help = f"a variant has no `{key}`", f"set a param under `params`: `params: {{{key}: …}}`"
        structure.problems.add("unknown-key", message, body.key_mark(key), help=help)
    structure.check_keys(body, (*VARIANT_KEYS, *moved), "a variant")
    for key in ("params", "expect"):
        structure.mapping(body, key)
    variant = Variant(name, mark, body)
    if not structure.source.incomplete:
        structure.check_keys(variant.params, tuple(params.pairs), "`params` of the file")
    return variant


def _read_network(parser: EntryParser, spec: Spec, root: YamlMapping) -> None:
    """Read the input, the layers and the outputs of the network."""
    pairs, problems = root.pairs, parser.structure.problems
    if "input" in pairs:
        spec.input, spec.input_mark = pairs["input"], root.value_mark("input")
    if "layers" in pairs:
        spec.layers = parser.entries(pairs["layers"], root.value_mark("layers"), "layers")
    elif is_library(root):
        problems.add(
            "library", "this is a library: a file to be included, without a network of its own", root.mark,
            help="a spec brings it in with `include: FILE`; a network has `input` and `layers`",
        )  # fmt: skip
    else:
        problems.add("missing-key", "`layers` is missing", root.mark, help="a spec lists its layers under `layers:`")
    outputs = pairs.get("outputs")
    if isinstance(outputs, YamlList):
        spec.outputs = outputs
    elif outputs is not None:
        spec.outputs = YamlList(root.value_mark("outputs"))
        spec.outputs.items.append(outputs)
        spec.outputs.marks.append(root.value_mark("outputs"))


def is_library(root: YamlMapping) -> bool:
    """Whether a file is a library: it defines params, blocks or custom types, and has no key of a network."""
    return root.pairs.keys() <= set(LIBRARY_KEYS) and not root.pairs.keys().isdisjoint(LIBRARY_KEYS[3:])
