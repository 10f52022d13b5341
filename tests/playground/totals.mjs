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
from convcalc import analyse, zoo

json.dumps({target: analyse(target).totals.to_dict() for target in zoo()})
`));
