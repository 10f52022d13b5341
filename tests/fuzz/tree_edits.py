"""Edits of a spec's structure: what comes of them is well-formed YAML."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import yaml

from tests.fuzz import seeds
from tests.fuzz.expressions import expression

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 64, 255, 2.5, -0.0, 1e-300, 1e300, float("nan"), float("inf"), 10**9, 10**18,
    10**30, 10**99, -(10**99), 10**101, "", " ", "x", "previous", "input", "*", "a.*", "..", ".a", "0", "same", "valid",
    "none", "full", "add", "concat", "relu", "4MiB", "5M", "1k", "-3k", "1/0", "=", "=index", "=in_shape",
    "=in_channels",
    "=[1, 2]", "=1/0", "=nope", "=row", "=-1", "=10**18", "\x07", "é\u2028", "<&>", "x" * 300, [], [1], [[1]], [0, 0],
    [[1, 1], [1, 1]], ["name"], [["name"], ["x"]], [["repeat", "n"], [2, 3]], [[1, 2], [3]], {}, {"a": 1},
    {"layers": []}, {"x": {}}, {"max": 1}, {"min": -1, "max": 10**40}, ["relu"], [{}], [{"relu": None}], [None],
)  # fmt: skip
# Keys that mean something anywhere in a spec.
KEYS = (
    "name", "from", "repeat", "rows", "when", "trainable", "tied", "layers", "shortcut", "branches", "merge", "axis",
    "input", "inputs", "params", "variants", "blocks", "custom", "outputs", "expect", "include", "out_channels",
    "kernel_size", "stride", "padding", "dilation", "groups", "bias", "sharing", "connection_table", "output_padding",
    "output_size", "size", "scale_factor", "ceil_mode", "out_features", "num_heads", "embed_dim", "dim", "shape",
    "window", "parameters", "macs", "buffers", "output_shape", "start", "end", "p",
)  # fmt: skip
FILES = ("lenet", "resnet", "nope", "", ".", "..", "/", "/etc/passwd", "/dev/zero", "../x.yaml", "lib.yaml",
"./lib.yaml",
         "loop.yaml", "folder.yaml", "fifo.yaml", "missing.yaml", "a\x00b.yaml", "x" * 300 + ".yaml", "lib.yaml/",
         "é.yaml",
         "~/x.yaml", "lenet@x", "HEAD:x.yaml", "lib.yml", "spec.yaml", "dangling.yaml")  # fmt: skip

Place = tuple[Any, Any]  # a container and the key or index of a value in it


def changed_structure(text: str, chance: random.Random) -> str:
    """A well-formed text whose values were changed one to four times; the text itself where it is no YAML."""
    tree = seeds.tree(text)
    if not isinstance(tree, (dict, list)):
        return text
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3))):
        places = seeds.places(tree)
        if not places:
            break
        chance.choice(STRUCTURE_EDITS)(tree, places, chance)
    return written(tree, chance)


def written(tree: Any, chance: random.Random) -> str:
    """The tree as YAML, in one of its ways of writing; a value that stands in two places as an alias."""
    style = chance.choice((None, None, False, True))
    return yaml.dump(
        tree, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=style, width=200, allow_unicode=True
    )


def _value(chance: random.Random) -> Any:
    kind = chance.random()
    if kind < 0.4:
        return deepcopy(chance.choice(VALUES))
    if kind < 0.6:
        return "=" + expression(chance)
    return seeds.value(chance)


def _replace(tree: Any, places: list[Place], chance: random.Random) -> None:
    container, key = chance.choice(places)
    container[key] = _value(chance)


def _replace_by_like(tree: Any, places: list[Place], chance: random.Random) -> None:
    """A value that stands at this key elsewhere: what comes of it can often be built."""
    container, key = chance.choice(places)
    old = container[key]
    if isinstance(old, int) and not isinstance(old, bool) and chance.random() < 0.5:
        container[key] = chance.choice((old + 1, old - 1, 2 * old, old // 2, 3, 0))
    else:
        container[key] = seeds.value_of(key, chance)


def _swap(tree: Any, places: list[Place], chance: random.Random) -> None:
    (one, first), (other, second) = chance.choice(places), chance.choice(places)
    one[first], other[second] = other[second], one[first]


def _alias(tree: Any, places: list[Place], chance: random.Random) -> None:
    """One value in two places: where it holds the second, a cycle."""
    (one, first), (other, second) = chance.choice(places), chance.choice(places)
    other[second] = one[first]


def _rename(tree: Any, places: list[Place], chance: random.Random) -> None:
    container, key = chance.choice(places)
    if isinstance(container, dict):
        container[chance.choice((*KEYS, *(other for _, other in places), "", 1, None))] = container.pop(key)


def _set(tree: Any, places: list[Place], chance: random.Random) -> None:
    container = chance.choice(places)[0]
    if isinstance(container, dict):
        container[chance.choice(KEYS)] = _value(chance)


def _remove(tree: Any, places: list[Place], chance: random.Random) -> None:
    container, key = chance.choice(places)
    del container[key]


def _insert(tree: Any, places: list[Place], chance: random.Random) -> None:
    container, key = chance.choice(places)
    if isinstance(container, list):
        copy = container[key] if chance.random() < 0.5 else seeds.value(chance)
        container.insert(chance.randrange(len(container) + 1), copy)


def _wrap(tree: Any, places: list[Place], chance: random.Random) -> None:
    container, key = chance.choice(places)
    entry = container[key]
    for _ in range(chance.choice((1, 1, 2, 40))):
        entry = chance.choice((
            lambda body: {"sequential": {"layers": [body]}},
            lambda body: {"sequential": {"name": "s", "repeat": 2, "layers": [body]}},
            lambda body: {"sequential": {"rows": [["n"], [1], [2]], "layers": [body]}},
            lambda body: {"residual": {"layers": [body]}},
            lambda body: {"residual": {"layers": [body], "shortcut": [body]}},
            lambda body: {"parallel": {"branches": [[body], []], "merge": chance.choice(("add", "mul", "concat"))}},
            lambda body: [body],
            lambda body: {"max": body},
        ))(entry)  # fmt: skip
    container[key] = entry


def _redirect(tree: Any, places: list[Place], chance: random.Random) -> None:
    """A reference to another name."""
    names = [container[key] for container, key in places if key == "name" and isinstance(container[key], str)]
    entries = [container for container, key in places if isinstance(container, dict)]
    name = chance.choice((*names, "input", "previous", "nope", "a.*", "*"))
    wrong = chance.choice((name, [name], [name, name], name + ".*", name + ".0", f"{name}.{chance.choice(KEYS)}"))
    chance.choice(entries or [{}])[chance.choice(("from", "from", "tied", "name", "outputs"))] = wrong


def _rows(tree: Any, places: list[Place], chance: random.Random) -> None:
    container = chance.choice(places)[0]
    if isinstance(container, dict):
        columns = [chance.choice(KEYS) for _ in range(chance.randrange(4))]
        container["rows"] = [columns, *([_value(chance) for _ in columns] for _ in range(chance.randrange(4)))]


def _include(tree: Any, places: list[Place], chance: random.Random) -> None:
    if isinstance(tree, dict):
        files = [chance.choice(FILES) for _ in range(chance.choice((1, 1, 2, 3)))]
        tree["include"] = files if chance.random() < 0.5 else files[0]


def _custom(tree: Any, places: list[Place], chance: random.Random) -> None:
    """A custom type of random formulas, used somewhere."""
    if not isinstance(tree, dict):
        return
    formula = {
        key: _value(chance) if chance.random() < 0.5 else "=" + expression(chance)
        for key in ("params", "inputs", "output_shape", "parameters", "macs", "buffers", "window")
        if chance.random() < 0.4
    }
    tree["custom"] = {"strange": formula}
    container, key = chance.choice(places)
    container[key] = chance.choice(("strange", {"strange": {}}, {"strange": {"a": 1}}))


STRUCTURE_EDITS: tuple[Callable[[Any, list[Place], random.Random], None], ...] = (
    _replace, _replace, _replace_by_like, _replace_by_like, _replace_by_like, _replace_by_like, _replace_by_like,
    _swap, _alias, _rename, _set, _set, _remove, _insert, _wrap, _redirect, _rows,
    _include, _custom,
)  # fmt: skip
