"""Builds the site into site/, and checks every link of it: python -m website [--output FOLDER].

Pages made from the code are not part of the repository. The site has the playground too if it has been built with
`python playground/build.py`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from convcalc.cli.main import COMMANDS
from convcalc.lint import rules as lint_rules
from convcalc.lint.comparisons import OPTIONS
from website import commands, figures, layer_types, links, navigation, outputs, rules, stage, zoo
from website.page import Page

ROOT = stage.ROOT
PLAYGROUND = ROOT / "playground" / "build"
STYLE = Path(__file__).parent / "site.css"


def generated() -> Iterator[Page]:
    """The pages that are made from the code."""
    for module in (commands, layer_types, rules, figures, outputs, zoo):
        yield from module.pages()


def write_pages(docs: Path) -> list[Page]:
    """Writes the sources of the site into an empty folder; the generated pages."""
    names = stage.references(COMMANDS, (*lint_rules.RULES, *OPTIONS), layer_types.places())
    stage.copy(docs, names)
    shutil.copy(STYLE, docs)
    pages = list(generated())
    for page in pages:
        file = docs / page.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page.text, encoding="utf-8")
    return pages


def build(site: Path) -> None:
    """Builds the site into a folder, which is replaced."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name).resolve()
        pages = write_pages(work / "docs")
        text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
        configuration = navigation.configured(text, pages, has_playground=PLAYGROUND.is_dir())
        (work / "mkdocs.yml").write_text(configuration, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], check=True, cwd=work)
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(work / "site", site)
    if PLAYGROUND.is_dir():
        shutil.copytree(PLAYGROUND, site / "playground")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m website", description="Build the site and check its links.")
    parser.add_argument("--output", type=Path, default=ROOT / "site", help="the folder of the site; default site/")
    site = parser.parse_args().output.resolve()
    build(site)
    found = list(links.problems(site))
    print(*found, sep="\n")
    print(f"{len(list(site.rglob('*.html')))} pages in {site}, {len(found)} broken links")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
