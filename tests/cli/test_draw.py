"""`convcalc draw`: the kinds, the formats by ending, and what cannot be drawn."""

from __future__ import annotations

import importlib.util

import pytest

from tests.drawing.pictures import parsed, texts
from tests.workspace import Workspace


def has_cairo() -> bool:
    """Whether CairoSVG is installed, and finds the library that it loads."""
    try:
        import cairosvg  # noqa: F401 - an option
    except (ImportError, OSError):
        return False
    return True


needs_cairo = pytest.mark.skipif(not has_cairo(), reason="CairoSVG or the cairo library is not installed")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["lenet"], "conv1"),
        (["lenet", "--as", "maps"], "6@24×24"),
        (["lenet#conv1", "--as", "wiring"], "156 parameters"),
        (["lenet#conv2", "--as", "field"], "conv2 (conv2d) of LeNet"),
        (["lenet", "--heat", "params"], "30.8 k params, 69.4%"),
        (["resnet50", "--depth", "1"], "layer4"),
        (["lenet", "--input", "1x32x32"], "1×32×32"),
    ],
)
def test_a_drawing_is_printed_as_svg(workspace: Workspace, arguments: list[str], shown: str) -> None:
    call = workspace.call("draw", *arguments)
    assert (call.code, call.err) == (0, "")
    assert any(shown in text for text in texts(call.out))


def test_a_drawing_goes_to_a_file(workspace: Workspace) -> None:
    assert workspace.call("draw", "lenet", "--output", "lenet.svg").text == ""
    assert workspace.call("draw", "lenet").out == (workspace / "lenet.svg").read_text()
    parsed((workspace / "lenet.svg").read_text())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet", "--as", "wiring"], "write TARGET#LAYER, such as lenet#conv1"),
        (["lenet#conv1"], "or draw its wiring"),
        (["lenet#conv9", "--as", "wiring"], "did you mean conv2 or conv1?"),
        (["lenet#pool1", "--as", "wiring"], "it has no weights over positions"),
        (["lenet", "--output", "a.bmp"], "no format of this command ends in .bmp"),
        (["lenet", "--as", "maps", "--heat", "macs"], "heat colours a graph, not maps"),
        (["lenet", "--output", "nowhere/a.svg"], "nowhere/a.svg cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_said(workspace: Workspace, arguments: list[str], message: str) -> None:
    call = workspace.call("draw", *arguments)
    assert call.code == 2
    assert message in call.err


@needs_cairo
@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_other_formats_are_made_by_their_ending(workspace: Workspace, name: str, start: bytes) -> None:
    assert workspace.call("draw", "lenet", "--output", name).text == ""
    assert (workspace / name).read_bytes().startswith(start)


@pytest.mark.skipif(importlib.util.find_spec("cairosvg") is not None, reason="CairoSVG is installed")
def test_a_missing_converter_is_named(workspace: Workspace) -> None:
    call = workspace.call("draw", "lenet", "--output", "a.png")
    assert call.code == 2
    assert "CairoSVG\n  help: install it with: " in call.err
    assert not (workspace / "a.png").exists()
