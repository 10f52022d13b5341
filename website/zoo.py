"""The gallery of the shipped networks: a card for each, and a page with drawings, figures and the text of the spec."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import convcalc
from convcalc import shipped
from convcalc.catalogue.figures import ZooNetwork, computed, stored, targets
from convcalc.render.cells import by_name, counted, extents
from convcalc.report.report import Report
from website.page import Page, code, joined, literal, table

FOLDER = "zoo"
KINDS = {"maps": "The maps, to scale", "graph": "The graph"}
OPENING = """\
The shipped networks, each with its figures and its text. `convcalc zoo` lists them in a terminal and filters them by
size, input or words. Every command takes their names."""


def pages() -> Iterator[Page]:
    known, cards = stored(), []
    for family in shipped.files():
        networks = known.get(family) or list(computed(targets([family])))
        report = convcalc.analyse(family)
        yield from _drawings(family, report)
        yield Page(f"{FOLDER}/{family}.md", joined(_family(family, report, networks)), family)
        cards.append(_card(family, networks[0]))
    gallery = '<div class="gallery">\n' + "\n".join(cards) + "\n</div>"
    yield Page(f"{FOLDER}/index.md", joined(["# Networks", OPENING, gallery]))


def _drawings(family: str, report: Report) -> Iterator[Page]:
    for kind in KINDS:
        yield Page(f"{FOLDER}/drawings/{family}-{kind}.svg", report.draw(kind).svg)


def _card(family: str, network: ZooNetwork) -> str:
    figures = "".join(f"<small>{counted(network.figures[name])} {name}</small>" for name in ("params", "macs"))
    return (
        f'<a class="card" href="{family}.html"><img src="drawings/{family}-maps.svg" alt="" loading="lazy">'
        f"<strong>{escape(network.name)}</strong><code>{escape(family)}</code>{figures}</a>"
    )


def _family(family: str, report: Report, networks: list[ZooNetwork]) -> Iterator[str]:
    description = networks[0].description
    yield f"# {report.name}"
    yield literal(description) + "."
    heads = ("target", "input", "params", "macs", "field", "what it is")
    rows = [_row(network, "" if network.description == description else network.description) for network in networks]
    shown = len(heads) if any(said for *_, said in rows) else len(heads) - 1
    yield table(heads[:shown], [row[:shown] for row in rows], numbers=("params", "macs"))
    yield "One sample; the macs leave out biases, and the field is that of the output in pixels, not cut at the border."
    yield code(f"convcalc count {networks[-1].target}\nconvcalc zoo {family} --show > my-{family}.yaml", "sh")
    for kind, title in KINDS.items():
        drawing = f"drawings/{family}-{kind}.svg"
        yield f"## {title}"
        yield f'[![{title} of {report.name}]({drawing}){{ loading="lazy" }}]({drawing})'
    yield "## Source"
    yield literal(networks[0].citation)
    yield "## The spec"
    yield code(Path(shipped.files()[family]).read_text(encoding="utf-8"), "yaml")


def _row(network: ZooNetwork, said: str) -> tuple[str, ...]:
    params, macs = (counted(network.figures[name]) for name in ("params", "macs"))
    field = extents(network.figures["receptive_field"])
    return f"`{network.target}`", by_name(network.inputs), params, macs, field, literal(said)
