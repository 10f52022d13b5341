"""What the build writes: both forms of the page, and nothing that points elsewhere."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from playground.packing import engine
from tests.playground.conftest import OFFLINE, ROOT


def test_the_engine_has_what_it_imports_and_no_face() -> None:
    with ZipFile(BytesIO(engine.archive())) as packed:
        names = packed.namelist()
    assert {"convcalc/api.py", "convcalc/specs/lenet.yaml", "convcalc/page/report.css", "yaml/__init__.py",
            "simpleeval.py", "playground/engine/bridge.py"} <= set(names)  # fmt: skip
    assert not [name for name in names if name.startswith(("convcalc/cli", "convcalc/tui", "convcalc/repl"))]
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


def test_the_packages_are_pinned_and_name_no_registry() -> None:
    folder = ROOT / "playground"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = (folder / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "http" not in re.sub(r'"(funding|url)": [^\n]*', "", lock)
    locked = {name: each["version"] for name, each in json.loads(lock)["packages"].items() if name}
    assert all(locked[f"node_modules/{name}"] == version for name, version in wanted.items())


@pytest.mark.slow
def test_the_forms_are_written(built: Path) -> None:
    assert {each.name for each in built.iterdir()} == {
        "index.html", "playground.css", "playground.js", "schema.json", "worker.js", "engine.zip", "pyodide.asm.wasm",
        "python_stdlib.zip", "NOTICES.txt", OFFLINE,
    }  # fmt: skip
    assert (built / OFFLINE).stat().st_size < 11e6
    notices = (built / "NOTICES.txt").read_text("utf-8")
    for name in ("convcalc", "PyYAML", "simpleeval", "pyodide", "@codemirror/view", "@lezer/yaml"):
        assert f"\n{name}" in notices


@pytest.mark.slow
def test_a_page_names_no_other_place(built: Path) -> None:
    hosted, alone = (built / "index.html").read_text("utf-8"), (built / OFFLINE).read_text("utf-8")
    for page in (hosted, alone):
        assert "default-src &#x27;none&#x27;" in page
        assert not re.search(r'(src|href|action)="(?:[a-z]+:)?//', page)
    assert re.findall(r'(?:src|href)="([^"#]+)"', hosted) == ["playground.css", "NOTICES.txt", "playground.js"]
