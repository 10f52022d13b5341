"""Builds the site into site/, and checks every link of it: python -m website [--output FOLDER].

Pages made from the code are written into build/, and are not part of the repository.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from convcalc.cli.main import COMMANDS
from convcalc.lint import rules as lint_rules
from convcalc.lint.comparisons import OPTIONS
from website import commands, figures, layer_types, links, navigation, outputs, rules, stage, zoo
from website.page import Page

ROOT = stage.ROOT
WORK = ROOT / "build" / "website"
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
    shutil.rmtree(WORK, ignore_errors=True)
    docs = WORK / "docs"
    docs.mkdir(parents=True)
    pages = write_pages(docs)
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    configuration = WORK / "mkdocs.yml"
    configuration.write_text(navigation.configured(text, pages), encoding="utf-8")
    call = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(configuration)]
    subprocess.run(call, check=True, cwd=WORK)
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(WORK / "site", site)


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
