"""Whatever is typed: undone as often, the text is what it was, byte by byte."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.repl.transcripts import DATA, said, shell_on

DIGITS = ["conv1", "relu_1", "pool1", "conv2", "relu_2", "flatten_1", "classes"]
FAMILY = ["stem", "body", "body.0", "body.1.conv", "body.0.relu_1", "global_avg_pool_1"]
layers = st.sampled_from([*DIGITS, *FAMILY, "nothing"])
keys = st.sampled_from(["kernel_size", "stride", "padding", "out_channels", "bias", "sharing", "name", "repeat", "out"])
values = st.sampled_from(
    ["1", "3", "[1, 2]", "same", "none", "false", "=2 * 4", "=width", "many words", "'#'", "{tile: 2}"]
)
types = st.sampled_from(
    ["relu", "conv2d out_channels=4 kernel_size=1", "batch_norm2d name=norm", "unit out=3", "nothing"]
)
places = st.one_of(
    st.sampled_from(["first", ""]),
    st.builds("{} {}".format, st.sampled_from(["after", "before", "into"]), layers),
)
commands = st.one_of(
    st.builds("set {}.{} {}".format, layers, keys, values),
    st.builds("unset {}.{}".format, layers, keys),
    st.builds("set params.{} {}".format, st.sampled_from(["width", "depth", "nothing"]), values),
    st.builds("set input {}".format, st.sampled_from(["3x8x8", "1x40x40", "[1]", "x"])),
    st.builds("add {} {}".format, types, places),
    st.builds("remove {}".format, layers),
    st.builds("move {} {}".format, layers, st.sampled_from(["up", "down", "2", "-3"])),
    st.builds("rename {} {}".format, layers, st.sampled_from(["conv9", "stem", "a.b", "1"])),
    st.sampled_from(
        ["undo", "redo", "undo 2", "variant small", "variant none", "pin", "show", "check", "sweep stem.stride"]
    ),
)


@pytest.mark.parametrize("name", ["digits.yaml", "family.yaml"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(commands, min_size=1, max_size=8))
def test_undone_as_often(name: str, line_end: str, lines: list[str]) -> None:
    before = (DATA / name).read_text(encoding="utf-8").replace("\n", line_end).encode()
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(before)
        shell = shell_on(path)
        texts = [shell.session.text]
        for line in lines:
            steps = len(shell.session.history)
            said(shell, line)
            if len(shell.session.history) > steps:
                texts = [*texts[: steps + 1], shell.session.text]
        count = len(shell.session.history)
        for number in range(count, 0, -1):
            assert shell.session.text == texts[number]
            assert not said(shell, "undo").startswith("error")
        assert not shell.session.is_modified
        said(shell, "save")
        assert path.read_bytes() == before
