"""The page around the scripts: with separate files, and alone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from gzip import compress
from hashlib import sha256
from html import escape
from itertools import groupby
from pathlib import Path

from convcalc import __version__, shipped
from convcalc.page import page as report_page
from playground.engine import files
from playground.engine.workbench import Request, Workbench

HERE = Path(__file__).resolve().parents[1]
FIRST = "lenet"  # the network that the page shows before Python is ready


def style() -> str:
    """The rules of the page of `convcalc report`, then those of the playground."""
    return report_page.style() + (HERE / "playground.css").read_text("utf-8")


def hosted() -> str:
    """The page that loads its files from beside itself."""
    policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    return _page(
        policy + "style-src 'self' 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'",
        '<link rel="stylesheet" href="playground.css">',
        '<script type="module" src="playground.js"></script>',
        "NOTICES.txt",
    )


def offline(script: str, payloads: Mapping[str, bytes], licences: str) -> str:
    """The page with everything in it, each payload compressed and as text."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}' blob: 'wasm-unsafe-eval'; worker-src blob:; "
    packed = [
        f'<script type="text/plain" id="{name}">{b64encode(compress(content, 9, mtime=0)).decode()}</script>'
        for name, content in payloads.items()
    ]
    return _page(
        policy + "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'",
        f"<style>{style()}</style>",
        "\n".join([*packed, f"<script>{script}</script>"]),
        "data:text/plain;charset=utf-8;base64," + b64encode(licences.encode()).decode(),
        ' download="NOTICES.txt"',
    )


def _page(policy: str, style: str, scripts: str, notices: str, download: str = "") -> str:
    written = (HERE / "index.html").read_text("utf-8")
    places = {
        "policy": escape(policy), "style": style, "shipped": _shipped(), "version": __version__, "notices": notices,
        "download": download, "first": _first(), "scripts": scripts,
    }  # fmt: skip
    for name, value in places.items():
        before, _, after = written.partition(f"{{{name}}}")
        written = before + value + after
    return written


def _shipped() -> str:
    """The shipped networks as choices: those of a file with its variants are a group."""
    groups = []
    for name, targets in groupby(files.shipped_names(), lambda target: target.partition("@")[0]):
        choices = [
            f'<option value="{escape(target)}">{escape(target.partition("@")[2] or target)}</option>'
            for target in targets
        ]
        groups.append(
            choices[0] if len(choices) == 1 else f'<optgroup label="{escape(name)}">{"".join(choices)}</optgroup>'
        )
    return "".join(groups)


def _first() -> str:
    """What the page shows at first: the steps of the engine for a shipped spec."""
    text = Path(shipped.files()[FIRST]).read_text("utf-8")
    steps = [step for step in Workbench().steps(Request(text)) if step is not None]
    return json.dumps({"text": text, "steps": steps}, separators=(",", ":")).replace("<", "\\u003c")
