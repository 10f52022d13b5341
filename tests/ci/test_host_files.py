"""The files for the host of the repository: workflows, forms, the citation."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.workspace import ROOT

HOST = ROOT / ".github"
SCHEMAS = {
    "vendor.github-workflows": sorted((HOST / "workflows").glob("*.yml")),
    "vendor.github-issue-forms": sorted((HOST / "ISSUE_TEMPLATE").glob("[!c]*.yml")),
    "vendor.github-issue-config": [HOST / "ISSUE_TEMPLATE/config.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}

pytestmark = pytest.mark.skipif(not HOST.is_dir(), reason="the source of a release has no files for the host")


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="check-jsonschema is not installed")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_host_accepts_the_files(schema: str, tmp_path: Path) -> None:
    files = SCHEMAS[schema]
    assert files
    call = [sys.executable, "-m", "check_jsonschema", "--default-filetype", "yaml", "--builtin-schema", schema]
    done = subprocess.run([*call, *files], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / "broken.yml"
    broken.write_text("[]\n")
    assert subprocess.run([*call, broken], capture_output=True, check=False, timeout=60).returncode == 1  # noqa: S603


def test_every_allowed_python_is_tried() -> None:
    jobs = yaml.safe_load((HOST / "workflows/checks.yml").read_text(encoding="utf-8"))["jobs"]
    (one,) = [step["with"] for step in jobs["everything"]["steps"] if "setup-python" in step.get("uses", "")]
    tried = [one["python-version"], *jobs["pythons"]["strategy"]["matrix"]["python"]]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [name.rpartition(" :: ")[2] for name in project["classifiers"] if "Python :: 3." in name]
    assert tried == declared
