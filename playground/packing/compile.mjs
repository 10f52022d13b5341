// Compiles the Python files that are loaded at the start, with the Python that will run them: it is ready in half of
// the time. The other files stay as they are, because compiled files are larger; tools for developers are left out.
// node compile.mjs PYODIDE_FOLDER ENGINE_ZIP STDLIB_ZIP

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...archives] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: folder });
const PACKAGES = "/lib/python3.14/site-packages";
python.unpackArchive(new Uint8Array(readFileSync(archives[0])), "zip", { extractDir: PACKAGES });
python.runPython(`
import json
import sys
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from playground.engine import bridge

SPEC = "input: [1, 8, 8]\\nlayers:\\n  - conv2d: {out_channels: 4, kernel_size: 3}\\n"
for _ in bridge.show(json.dumps({"text": SPEC, "open": ["graph", "maps", "layer", "wiring"]})):
    pass
folders = ("${PACKAGES}/", "/lib/python314.zip/")
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
# What only developers and servers use, and the slow halves of modules that are compiled into Pyodide.
UNUSED = set("""_pydatetime _pydecimal _pyio _pyrepl curses doctest ensurepip ftplib http idlelib imaplib mailbox
multiprocessing pdb pickletools pydoc pydoc_data smtplib sqlite3 tkinter turtle unittest venv wsgiref xml
xmlrpc""".split())
ENCODINGS = {f"encodings/{name}.py" for name in ("cp437", "latin_1", "utf_8_sig", "utf_16", "unicode_escape")}
loaded = {file.removeprefix(folder) for file in files for folder in folders if file.startswith(folder)}


def is_unused(name):
    folder = name.partition("/")[0]
    return folder.removesuffix(".py") in UNUSED or folder == "encodings" and name not in ENCODINGS


def compile_loaded(path):
    with ZipFile(path) as source, ZipFile(path + ".new", "w", ZIP_DEFLATED, compresslevel=9) as target:
        for entry in source.infolist():
            name, content = entry.filename, source.read(entry)
            if name not in loaded and is_unused(name):
                continue
            if name in loaded:
                code = compile(content, name, "exec", dont_inherit=True, optimize=2)  # without docstrings
                # The hash is not looked at: there is no source to compare with.
                name, content = name + "c", _code_to_hash_pyc(code, source_hash(content), False)
            target.writestr(ZipInfo(name), content, ZIP_DEFLATED, 9)
`);
for (const archive of archives) {
  python.FS.writeFile("/tmp/archive.zip", new Uint8Array(readFileSync(archive)));
  python.runPython('compile_loaded("/tmp/archive.zip")');
  writeFileSync(archive, python.FS.readFile("/tmp/archive.zip.new"));
}
