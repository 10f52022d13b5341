"""What is released: the wheel and the source hold what they should and nothing else, and install everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from convcalc import __version__
from convcalc.cli.version import EXTRAS
from tests.ci.checkout import require_packages
from tests.workspace import ROOT, git, needs_git

NAME = f"convcalc-{__version__}"
# What the repository holds for its host and for the commit, and the source of a release does not.
OF_THE_HOST = (".ci/", ".github/", ".gitattributes")
# Of the package, what only the work on it needs.
NOT_INSTALLED = {f"convcalc/exporters/{name}/helpers/ruff.toml" for name in ("keras", "pytorch")}

pytestmark = [
    pytest.mark.slow,
    needs_git,
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone of the repository"),
    pytest.mark.skipif(find_spec("build") is None, reason="build is not installed"),
]


def run(*call: str | Path, **variables: str) -> str:
    done = subprocess.run(call, capture_output=True, text=True, env={**os.environ, **variables}, timeout=300)  # noqa: S603 - our own calls
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """The files of the work tree that are part of the repository, or will be."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def built(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the two files, built from a copy with further files in it; the wheel is made of the source."""
    require_packages()
    copy = tmp_path_factory.mktemp("release")
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    (copy / "notes.txt").write_text("not part of a release\n")
    (copy / "net.pt2").write_bytes(b"\0" * 100)
    (copy / "convcalc" / "__pycache__").mkdir()
    (copy / "convcalc" / "__pycache__" / "api.cpython-311.pyc").write_bytes(b"\0")
    run(sys.executable, "-m", "build", "--outdir", copy / "dist", copy)
    return copy / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


def test_the_wheel_holds_the_package_and_the_specs(wheel: Path, tracked: set[str]) -> None:
    parts = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    package = {name for name in tracked if name.startswith("convcalc/")} - NOT_INSTALLED
    specs = {f"convcalc/{name}" for name in tracked if name.startswith("specs/")}
    expected = package | specs | {f"{NAME}.dist-info/{part}" for part in parts}
    assert set(zipfile.ZipFile(wheel).namelist()) == expected


def test_the_source_holds_what_the_repository_has(built: Path, tracked: set[str]) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        held = {member.name.removeprefix(f"{NAME}/") for member in archive if member.isfile()}
    assert held == {name for name in tracked if not name.startswith(OF_THE_HOST)} | {"PKG-INFO"}


def test_the_metadata(wheel: Path) -> None:
    metadata = Parser().parsestr(zipfile.ZipFile(wheel).read(f"{NAME}.dist-info/METADATA").decode())
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.11"
    always = {line.split(">")[0] for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line}
    assert always == {"click", "pathspec", "pyyaml", "rich", "simpleeval"}
    assert metadata.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(find_spec("twine") is None, reason="twine is not installed")
def test_an_index_would_take_them(built: Path) -> None:
    assert run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built.iterdir()).count("PASSED") == 2


@pytest.mark.skipif(find_spec("uv") is None, reason="uv is not installed")
def test_uv_installs_it(wheel: Path, tmp_path: Path) -> None:
    places = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    run(sys.executable, "-m", "uv", "--no-config", "tool", "install", "--python", sys.executable, wheel, **places)
    check_installed(tmp_path / "bin" / "convcalc", tmp_path)


@pytest.mark.skipif(find_spec("pipx") is None, reason="pipx is not installed")
def test_pipx_installs_it(wheel: Path, tmp_path: Path) -> None:
    places = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin"),
              "PIPX_MAN_DIR": str(tmp_path / "man"), "PIPX_COMPLETION_DIR": str(tmp_path / "completion"),
              "USE_EMOJI": "false"}  # fmt: skip
    run(sys.executable, "-m", "pipx", "install", "--python", sys.executable, wheel, **places)
    check_installed(tmp_path / "bin" / "convcalc", tmp_path)


def check_installed(command: Path, folder: Path) -> None:
    """The first commands work in another folder, with the packages that convcalc needs and no other."""
    run_here = {"PWD": str(folder), "PYTHONPATH": ""}
    assert "44,426" in run(command, "count", "lenet", **run_here)
    assert run(command, "--version") == f"convcalc {__version__}\n"
    described = run(command, "--version", "--verbose", **run_here)
    assert "textual (not installed)" in described
    assert str(ROOT) not in described


def test_the_docs_say_what_each_extra_for_users_brings() -> None:
    page = (ROOT / "docs/first-steps/install.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) == set(EXTRAS)


def test_the_version_is_that_of_the_citation_and_of_the_changelog() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{__version__}] - {citation['date-released']}\n" in changelog
