"""Builds the playground: the hosted form, and one file that opens without a network.

    python playground/build.py --output DIR

It fetches the npm packages of package-lock.json, and packs convcalc from this checkout with PyYAML and simpleeval from
the environment that runs the script. Nothing that it fetches or writes belongs into the repository.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the checkout, not an installed convcalc

from convcalc.schema.build import schema_text  # noqa: E402
from playground.packing import bundles, engine, notices, page  # noqa: E402

OFFLINE = "convcalc-playground.html"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--output", type=Path, default=HERE / "build", help="the folder to write (default: %(default)s)"
    )
    parser.add_argument("--no-fetch", action="store_true", help="use the npm packages that are there")
    options = parser.parse_args()
    if not options.no_fetch:
        fetch()
    build(options.output)
    print(f"{options.output}: the hosted form, and {OFFLINE}")


def fetch() -> None:
    """Get exactly the npm packages of the lock file, without their install scripts: esbuild works without its own."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing: install Node.js 18 or newer, with npm")
    subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)


def build(output: Path) -> None:
    """Write both forms to a folder."""
    output.mkdir(parents=True, exist_ok=True)
    pyodide = HERE / "node_modules" / "pyodide"
    licences = notices.text()
    (output / "NOTICES.txt").write_text(licences, "utf-8")

    wasm, stdlib, packed = output / "pyodide.asm.wasm", output / "python_stdlib.zip", output / "engine.zip"
    shutil.copyfile(pyodide / wasm.name, wasm)
    shutil.copyfile(pyodide / stdlib.name, stdlib)
    packed.write_bytes(engine.archive())
    engine.compile_loaded(packed, stdlib)

    schema = output / "schema.json"
    schema.write_text(schema_text(), "utf-8")
    hosted = bundles.make(offline=False)
    (output / "playground.js").write_text(hosted.page, "utf-8")
    (output / "worker.js").write_text(hosted.worker, "utf-8")
    (output / "playground.css").write_text(page.style(), "utf-8")
    (output / "index.html").write_text(page.hosted(), "utf-8")

    alone = bundles.make(offline=True)
    payloads = {
        "worker.js": alone.worker.encode(),
        schema.name: schema.read_bytes(),
        wasm.name: wasm.read_bytes(),
        stdlib.name: engine.stored(stdlib.read_bytes()),
        packed.name: engine.stored(packed.read_bytes()),
    }
    (output / OFFLINE).write_text(page.offline(alone.page, payloads, licences), "utf-8")


if __name__ == "__main__":
    main()
