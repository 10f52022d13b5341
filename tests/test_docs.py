"""The documentation is true: every spec in it loads and keeps its expectations, every shown output is the real one."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import convcalc
from convcalc.cli.main import run
from convcalc.language.parse import parse
from convcalc.limits.expectations import check_expectations
from convcalc.text.source import Source
from tests.foreign import DIGITS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
# A block whose first line names it is a file for the console blocks of its page: a spec, a network of another format.
_FILE = re.compile(r"# ([\w-]+\.(?:yaml|cfg|py))(.*)")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            if match[1] in languages:
                found.append(Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2]))
    return found


def is_wrong(block: Block) -> bool:
    """Whether a spec is shown for its mistakes."""
    name = _FILE.match(block.text)
    return name is not None and "mistake" in name[2]


@pytest.mark.parametrize("block", [block for block in blocks("yaml") if not is_wrong(block)], ids=str)
def test_specs_load_and_keep_their_expectations(block: Block) -> None:
    variants = parse(Source(str(block), block.text))[0].variants
    for variant in (None, *variants):
        graph = convcalc.loads(block.text, variant=variant, name=str(block))
        assert [problem.message for problem in check_expectations(convcalc.analyse(graph))] == []


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_console_blocks_show_the_real_output(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(DIGITS, tmp_path)
    for other in blocks("yaml", "ini", "python"):
        name = _FILE.match(other.text)
        if name is not None and other.page == block.page:
            (tmp_path / name[1]).write_text(other.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    command, _, shown = block.text.partition("\n")
    if " pytorch:" in command:
        pytest.importorskip("torch", reason="PyTorch traces this network")
        monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert command.startswith("$ convcalc ")
    run(shlex.split(command.removeprefix("$ convcalc ")))
    real = "".join(capsys.readouterr())
    if shown.endswith("...\n"):
        shown = shown.removesuffix("...\n")
        real = real[: len(shown)]
    assert shown == real


@pytest.mark.parametrize("block", [block for block in blocks("python") if not _FILE.match(block.text)], ids=str)
def test_python_blocks_print_what_their_comments_show(block: Block) -> None:
    """A comment after a call of print shows its output, or where it ends in an ellipsis the beginning of it."""
    printed: dict[int, str] = {}

    def record(*values: object) -> None:
        line = sys._getframe(1).f_lineno
        printed[line] = printed.get(line, "") + " ".join(map(str, values)) + ", "

    exec(compile(block.text, str(block), "exec"), {"print": record})  # noqa: S102 - our own documentation
    calls = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(block.text.splitlines(), 1)
        if line.lstrip().startswith("print(")
    }
    assert calls.keys() == printed.keys() != set()
    for number, shown in calls.items():
        real = printed[number].removesuffix(", ")
        assert shown == (f"{real[: len(shown) - 1]}…" if shown.endswith("…") else real)


def anchors(page: Path) -> set[str]:
    """The anchors that a repository gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    # A comment is text for the site, whose builder checks its links.
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
    for link in re.findall(r"\]\(([^):]+)\)", text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_pictures_of_the_concepts_are_those_of_their_script() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "make_concepts.py"))["pictures"]()
    assert {file.name: file.read_text(encoding="utf-8") for file in drawn} == {
        file.name: text for file, text in drawn.items()
    }
