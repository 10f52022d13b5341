"""The page of JSON outputs: the fields of each command, found in what the command prints."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from convcalc.cli.main import run
from website.page import Page, code, joined, table

OPENING = """\
`--format json`, or `--output FILE.json`, prints one JSON value. Whole numbers are exact. An unknown figure is `null`,
and `status` then names it. In Python, `to_dict()` of a report gives the same value.

The tables below list the fields that these calls print. `[]` is an item of a list, `NAME` is a name from the network,
and `FIGURE` is each figure. With several inputs or outputs, a receptive field is an object with one field for each of
them. [Names of the figures](figures.md) says what each figure is, and [The formats of check](check-formats.md#json) has
the fields of `check`."""
# The calls whose output shows every field of a command.
CALLS = {
    "count": ("count lenet", "count resnet50"),
    "count --depth, --columns": ("count resnet50 --depth 1", "count lenet --columns name,params"),
    "compare, one network": ("compare alexnet",),
    "compare, several networks": ("compare resnet18 vgg16",),
    "compare, layers": ("compare lenet#conv1 alexnet#conv1",),
    "diff": ("diff alexnet alexnet@torchvision", "diff lenet lenet@lenet5"),
    "explain, layer": ("explain lenet conv1", "layer linear out_features=10 --input 84"),
    "field": ("field lenet conv2", "field resnet50 layer3.0.conv2 --unit 0,13"),
    "sizes": ("sizes alexnet@torchvision", "sizes unet"),
    "zoo": ("zoo --family lenet --family bert",),
    "layers TYPE, rules RULE": ("layers conv2d", "rules dropped-rows"),
}
# Mappings whose keys are names of the user.
BY_NAME = {"inputs", "outputs", "config", "sections"}
CHANGE = {"old", "new", "change", "percent"}  # the keys of what differs
KINDS = {type(None): "null", bool: "true or false", int: "whole number", float: "number", str: "text"}


def pages() -> Iterator[Page]:
    yield Page("reference/json.md", joined(_parts()))
    for name, options in (("convcalc", ""), ("convcalc-config", " --config")):
        yield Page(f"schemas/{name}.schema.json", printed("schema" + options))


def _parts() -> Iterator[str]:
    yield "# JSON"
    yield OPENING
    for title, calls in CALLS.items():
        yield f"## {title}"
        yield code("\n".join(f"convcalc {call} --format json" for call in calls), "sh")
        found: dict[str, set[str]] = {}
        for call in calls:
            collect(json.loads(printed(f"{call} --format json")), "", found)
        yield table(("field", "type"), [(f"`{path}`", " or ".join(sorted(kinds))) for path, kinds in found.items()])
    yield "## Schemas"
    yield (
        "The JSON Schemas of the files that you write: [the language](../schemas/convcalc.schema.json) and [the "
        "configuration of `check`](../schemas/convcalc-config.schema.json). `convcalc schema` prints them; "
        "[Editors](../guides/editor.md) use them."
    )


def printed(call: str) -> str:
    """What `convcalc CALL` prints."""
    stream = io.StringIO()
    with redirect_stdout(stream):
        code = run(shlex.split(call))
    if code:
        raise RuntimeError(f"convcalc {call}: exit code {code}")
    return stream.getvalue()


def collect(value: Any, path: str, found: dict[str, set[str]]) -> None:
    """Adds the type of every plain value to the types of its field.

    >>> found = {}
    >>> collect({"rows": [{"n": 1}, {"n": None}], "size": [3, 3]}, "", found)
    >>> {field: sorted(kinds) for field, kinds in found.items()}
    {'rows[].n': ['null', 'whole number'], 'size[]': ['whole number']}
    """
    if isinstance(value, dict):
        for key, part in value.items():
            collect(part, f"{path}.{_field(path, key, part)}".removeprefix("."), found)
    elif isinstance(value, list):
        for part in value:
            collect(part, f"{path}[]", found)
    else:
        found.setdefault(path, set()).add(KINDS[type(value)])


def _field(path: str, key: str, value: Any) -> str:
    """The field of a key of an object: NAME or FIGURE where all keys are of one kind."""
    *_, parent, last = ["", *path.split(".")]
    if key not in CHANGE and (last in BY_NAME or (last in CHANGE and parent in BY_NAME)):
        return "NAME"
    is_change = isinstance(value, dict) and value.keys() & CHANGE
    return "FIGURE" if is_change and last in ("totals", "figures") else key
