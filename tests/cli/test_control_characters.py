"""A name or a text of a spec, and the name of its file, may hold control characters: no output has them."""

from __future__ import annotations

import pytest

from tests.workspace import Workspace

FILE = "red\x1b.yaml"
SPEC = r"""
name: "Net\e[31m\u009b"
description: "two\e[2J\nlines"
source: "a paper\a"
input: [3, 8, 8]
variants: {small: {input: [3, 6, 6], description: "a\e[2J"}}
layers: [{conv2d: {name: a, out_channels: 2, kernel_size: 3}}]
"""
TABLES = ("table", "csv", "markdown", "html")
CALLS = [
    *[(command, "--format", form) for command in ("count", "compare", "sizes") for form in TABLES],
    ("count", "--set", "a.kernel_size=1"), ("explain", "a"), ("explain", "a", "--format", "markdown"), ("field", "a"),
    ("diff", "lenet"), ("diff", "lenet", "--format", "markdown"), ("check", "--max-params", "1"), ("draw",),
    ("draw", "--as", "maps"), ("export",), ("export", "--to", "keras"), ("export", "--to", "dot"),
    ("export", "--to", "mermaid"), ("export", "--to", "spec", "--flat"), ("sweep", "--vary", "variant=small"),
    ("sweep", "--vary", "a.stride=1,2", "--format", "csv"), ("solve", "a.padding", "--want", "params > 0"),
    ("report",),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
@pytest.mark.parametrize("variant", ["", "@small"])
def test_no_output_has_them(workspace: Workspace, call: tuple[str, ...], variant: str) -> None:
    workspace.write({FILE: SPEC})
    command, *options = call
    takes_variant = command != "check" and "variant=small" not in options
    target = FILE + (variant if takes_variant else "")
    done = workspace.call(command, target, *options)
    assert done.code in (0, 1), done.text
    assert done.out
    assert not {each for each in done.out + done.err if ord(each) < 32 or 0x7F <= ord(each) < 0xA0} - {"\n", "\r"}


def test_an_error_has_none(workspace: Workspace) -> None:
    done = workspace.call("count", "no\x1b[31m.yaml")
    assert done.code == 2
    assert "\x1b" not in done.err
