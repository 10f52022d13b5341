"""What the tab key offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.editor import Session, open_session
from convcalc.repl.commands import COMMANDS
from convcalc.repl.completion import complete
from tests.repl.transcripts import copied


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    found = open_session(str(copied("family.yaml", tmp_path_factory.mktemp("specs"))))
    found.pin("wide")
    return found


def offered(session: Session, before: str) -> list[str]:
    """The line with each candidate in place."""
    completion = complete(session, before)
    return [before[: completion.start] + each.text for each in completion.candidates]


@pytest.mark.parametrize(
    ("before", "lines"),
    [
        ("un", ["unset", "undo", "unpin"]),
        ("show ste", ["show stem"]),
        ("show stem b", ["show stem body", "show stem body.0", "show stem body.0.conv", "show stem body.0.relu_1",
                         "show stem body.1", "show stem body.1.conv", "show stem body.1.relu_1"]),
        ("show --d", ["show --depth"]),
        ("why stem ", []),
        ("set para", ["set params.width", "set params.depth"]),
        ("set params.width ", ["set params.width 16"]),
        ("set in", ["set input"]),
        ("set stem.ke", ["set stem.kernel_size"]),
        ("set stem.sharing ", ["set stem.sharing full", "set stem.sharing none"]),
        ("set stem.stride ", ["set stem.stride 2"]),
        ("set stem.tra", ["set stem.trainable"]),
        ("set clas", ["set classes."]),
        ("unset body.0.conv.paddi", ["unset body.0.conv.padding", "unset body.0.conv.padding_mode"]),
        ("sweep stem.di", ["sweep stem.dilation"]),
        ("sweep wi", ["sweep width"]),
        ("sweep va", ["sweep variant"]),
        ("sweep --k", ["sweep --keep-size"]),
        ("sweep width 8 --to", ["sweep width 8 --top"]),
        ("sweep width=8 de", ["sweep width=8 depth="]),
        ("sweep width=8 --keep-size stem.di", ["sweep width=8 --keep-size stem.dilation="]),
        ("sweep stem.sharing=", ["sweep stem.sharing=full", "sweep stem.sharing=none"]),
        ("sweep width --where param_", ["sweep width --where param_bytes"]),
        ("sweep width --where 'mac", ["sweep width --where 'macs"]),
        ("sweep width --sort -mac", ["sweep width --sort -macs"]),
        ("sweep width --pareto params,-mac", ["sweep width --pareto params,-macs"]),
        ("add uni", ["add unit"]),
        ("add Dense", ["add linear"]),
        ("add MaxPool2", ["add max_pool2d"]),
        ("add para", ["add parallel", "add parameter"]),
        ("add conv2d out", ["add conv2d out_channels="]),
        ("add conv2d out_channels=3 out", []),
        ("add conv2d out_channels=3 af", ["add conv2d out_channels=3 after"]),
        ("add relu after ste", ["add relu after stem"]),
        ("add relu after stem ", []),
        ("add relu first ", []),
        ("move stem ", ["move stem up", "move stem down"]),
        ("variant ", ["variant none", "variant small", "variant deep"]),
        ("diff w", ["diff wide"]),
        ("unpin ", ["unpin wide"]),
        ("export ", [f"export {name}" for name in ("table", "json", "csv", "markdown", "html")]),
        ("help swe", ["help sweep"]),
        ("nothing ", []),
        ("set 'stem.k", []),
        ("set nothing.kernel_size ", []),
        ("undo ", []),
    ],
)  # fmt: skip
def test_candidates(session: Session, before: str, lines: list[str]) -> None:
    assert offered(session, before) == lines


def test_an_empty_line_offers_every_command(session: Session) -> None:
    assert offered(session, "") == list(COMMANDS)


def test_candidates_have_notes(session: Session) -> None:
    notes = {each.text: each.note for each in complete(session, "set stem.").candidates}
    assert (notes["stem.out_channels"], notes["stem.kernel_size"]) == ("=width", "3")


def test_files(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "figures.json").touch()
    assert offered(session, "save f") == ["save figures.json", "save folder/"]
    assert offered(session, "export json fi") == ["export json figures.json"]


@pytest.mark.parametrize("text", ["layers: [", "", "input: [1]\nlayers:\n  - relux\n"])
@pytest.mark.parametrize(
    "before", ["", "set ", "set conv1.", "set conv1.stride ", "add ", "add u", "variant ", "move "]
)
def test_a_broken_spec_breaks_no_completion(text: str, before: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    candidates = complete(open_session(str(path)), before).candidates
    assert all(each.text for each in candidates)
    assert candidates or before, "every command is offered on an empty line"
