// Runs the packed engine in Node.js: the totals of every shipped network, as JSON.
// node totals.mjs PYODIDE_FOLDER BUILT_FOLDER

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, built] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: folder, stdLibURL: `${built}/python_stdlib.zip` });
python.unpackArchive(new Uint8Array(readFileSync(`${built}/engine.zip`)), "zip", { extractDir: "/lib/python3.14/site-packages" });
process.stdout.write(python.runPython(`
import json

from convcalc import shipped
from convcalc.analysis.analyse import Analysis
from convcalc.language.parse import parse
from convcalc.network.build import build
from convcalc.report.report import Report
from convcalc.text.files import read_file

# Each file is read once for all its variants: PyYAML is slow without its compiled half.
totals = {}
for name, path in shipped.files().items():
    spec, problems = parse(read_file(path))
    for variant in (None, *spec.variants):
        target = name if variant is None else f"{name}@{variant}"
        totals[target] = Report(Analysis(build(spec, problems, variant))).totals.to_dict()
json.dumps(totals)
`));
