"""Which files `check` looks at, in whatever state they are, and the places it names in them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc import bounds, garbage
from convcalc.checking.discovery import discover
from convcalc.checking.results import Results
from convcalc.checking.runner import check_files
from convcalc.checking.settings import Settings
from convcalc.cli.main import run
from convcalc.errors import UsageError
from convcalc.problems import Problem
from tests.workspace import Workspace, command, environment, finished, python, write_files

FINE = "input: [3]\nlayers: [relu]\n"
BROKEN = "input: [3]\nlayers: [rleu]\n"
LONG = "input: [3, 8, 8]\nlayers: [relu: {repeat: 900}]\n"
OTHER = "on: push\njobs: {}\n"


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """An empty directory, which is the working directory."""
    return workspace.path


def put(path: str, text: str | bytes = FINE) -> None:
    write_files({path: text})


def results(*paths: str, jobs: int = 1, only_specs: bool = False) -> Results:
    settings = Settings()
    return Results(list(check_files(discover(paths, only_specs), lambda path: settings, jobs)))


def names(*paths: str, only_specs: bool = False) -> list[str]:
    """The files that are checked."""
    return [each.name for each in results(*paths, only_specs=only_specs).checked]


def only_problem(*paths: str) -> Problem:
    (problem,) = results(*paths).problems
    return problem


# -- places in a text ------------------------------------------------------------------------------------------------

PLACES = {
    "line feeds": (b"name: x\ninput: [3]\nlayers:\n  - rleu\n", 4, 5),
    "Windows": (b"name: x\r\ninput: [3]\r\nlayers:\r\n  - rleu\r\n", 4, 5),
    "old Macintosh": (b"name: x\rinput: [3]\rlayers:\r  - rleu\r", 4, 5),
    "mixed": (b"name: x\r\ninput: [3]\nlayers:\r  - rleu", 4, 5),
    "byte order mark": (b"\xef\xbb\xbfinput: [3]\nlayers: [rleu]\n", 2, 10),
    "mark, in its first line": (b"\xef\xbb\xbf{input: [3], layers: [rleu]}\n", 1, 23),
    "a quoted text over two lines": (b'name: "two\r\n  lines"\r\ninput: [3]\r\nlayers: [rleu]\r\n', 4, 10),
    "a block of text": (b"description: |\r\n  one\r\n\r\n  two\r\ninput: [3]\r\nlayers: [rleu]\r\n", 6, 10),
    "wide characters": ("name: x\ninput: [3]\nlayers: [{relu: {name: \U0001f600é, inplce: 1}}]\n".encode(), 3, 28),
    "a tab": (b"input: [3]\nlayers:\t[rleu]\n", 2, 10),
}


@pytest.mark.parametrize("case", PLACES)
def test_places_hold_whatever_the_line_ends(case: str, folder: Path) -> None:
    data, line, column = PLACES[case]
    put("net.yaml", data)
    found = {(each.where.line, each.where.column): each for each in results("net.yaml").problems}
    assert (line, column) in found
    text = data.removeprefix(b"\xef\xbb\xbf").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert found[line, column].excerpt == text.split("\n")[line - 1]


def test_a_comment_speaks_of_its_line_whatever_the_line_ends(folder: Path) -> None:
    spec = "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 3}%s\n  - batch_norm2d\n"
    for end in ("\n", "\r\n", "\r"):
        put("net.yaml", (spec % "").replace("\n", end))
        assert [each.rule for each in results("net.yaml").problems] == ["bias-before-norm"]
        put("net.yaml", (spec % "  # convcalc: ignore[bias-before-norm] on purpose").replace("\n", end))
        assert results("net.yaml").problems == []


# -- what a directory holds ------------------------------------------------------------------------------------------

SPECS = [
    FINE,
    "layers: [relu]\ninput: [3]\n",
    "\ufeff" + FINE,
    FINE.replace("\n", "\r\n"),
    FINE.replace("\n", "\r"),
    "{input: [3], layers: [relu]}\n",
    '{"input": [3],\n "layers": ["relu"]}\n',
    "'input': [3]\n\"layers\": [relu]\n",
    "  input: [3]\n  layers: [relu]\n",
    "? input\n: [3]\n? layers\n: [relu]\n",
    "# a comment\n---\ninput : [3]\nlayers : [relu]\n",
    "variants: {a: {input: [3]}}\nlayers: [relu]\n",
    "input: [3]\nlayrs: [relu]\nexpect: {params: 0}\n",
    "inptu: [3]\nlayers: [relu]\nexpect: {params: 0}\n",
    "input: [3]\nlayers: [relu\n",
    "blocks: {a: {layers: [rleu]}}\nparams: {width: 3}\n",
]
OTHERS = [
    "",
    "- input\n- layers\n",
    "text",
    OTHER,
    "name: x\ninputs: {paths: {}}\noutputs: {}\nruns: {using: composite}\n",
    "layers: {hello: {path: .}}\ncustom: {stage: dev}\nprovider: aws\n",
    "layers: 3\nparams: {rate: 0.1}\n",
    "input: data.csv\noutput: {}\n",
    "nested:\n  input: [3]\n  layers: [relu]\n",
    "{nested: {input: [3], layers: [relu]}}\n",
    "text: |\n  input: [3]\n  layers: [relu]\n",
    "a: [input: 3, layers: 4]\n",
    "[" * 5000 + "layers",
    "layers: !Ref x\n",
    b"\xff\xfe\x00\xd8l",
    b"\0\1\2layers\0",
]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_is_known_by_its_keys(text: str, folder: Path) -> None:
    put("net.yaml", text)
    assert names(".") == ["net.yaml"]


@pytest.mark.parametrize("text", OTHERS)
def test_other_yaml_is_passed_over(text: str | bytes, folder: Path) -> None:
    put("other.yaml", text)
    (passed_over,) = results(".").passed_over
    assert passed_over.name == "other.yaml"
    assert "top-level keys" in passed_over.passed_over
    assert names("other.yaml") == ["other.yaml"], "a file that is named is checked"
    assert names("other.yaml", only_specs=True) == []


def test_a_spec_in_utf_16_is_no_other_yaml(folder: Path) -> None:
    put("net.yaml", FINE.encode("utf-16"))
    assert only_problem(".").rule == "encoding"


def test_a_large_file_is_told_by_its_beginning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_FILE_BYTES", 100)
    put("data.yaml", "a: 1\n" * 100)
    put("net.yaml", FINE + "# more\n" * 100)
    (problem,) = results(".").problems
    assert (problem.where.file, problem.message) == ("net.yaml", "the file has 726 bytes")


def test_what_is_searched(folder: Path) -> None:
    for path in ("b.yaml", "a.yml", "c.json", "sub/d.yaml", "sub/deep/e.yaml", "a-sub/f.yaml", "odd.yaml/g.yaml"):
        put(path)
    for path in (".hidden/h.yaml", ".hidden.yaml", "node_modules/i.yaml", "env/pyvenv.cfg", "env/j.yaml"):
        put(path)
    assert names(".") == ["a.yml", "b.yaml", "a-sub/f.yaml", "odd.yaml/g.yaml", "sub/d.yaml", "sub/deep/e.yaml"]
    assert names("env", ".hidden", ".hidden.yaml") == ["env/j.yaml", ".hidden/h.yaml", ".hidden.yaml"]


ODD_NAMES = [
    "two words.yaml",
    "two\nlines.yaml",
    "-x.yaml",
    "a[1].yaml",
    "?.yaml",
    "#@:.yaml",
    "ö.yaml",
    "o\u0308.yaml",
]


def test_odd_names(folder: Path) -> None:
    for name in ODD_NAMES:
        put(f"specs/{name}")
    put(os.fsdecode(b"specs/\xff.yaml"))
    expected = sorted([*(f"specs/{name}" for name in ODD_NAMES), os.fsdecode(b"specs/\xff.yaml")])
    assert names("specs") == names("specs/*.yaml") == names("**/*.yaml") == expected
    for name in expected:
        assert names(name) == [name], "a file of that very name comes before a pattern"


@pytest.mark.parametrize("format", ["text", "github", "gitlab", "sarif", "junit", "json"])
def test_odd_names_in_every_format(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    put(os.fsdecode(b"\xff\n\x1b[31m.yaml"), BROKEN)
    assert run(["check", ".", "--format", format]) == 2
    printed = capfd.readouterr()
    assert "unknown-type" in printed.out
    assert "\x1b" not in printed.out or format == "github", "whose command must hold the very name"
    assert printed.err == ""


def test_each_file_once(folder: Path) -> None:
    put("specs/a.yaml")
    put("specs/b.yaml")
    os.symlink("a.yaml", "specs/link.yaml")
    os.symlink("specs", "same")
    whole = str(folder / "specs" / "b.yaml")
    assert names("specs", "./specs/", "specs/*.yaml", "same", "same/a.yaml", whole) == ["specs/a.yaml", "specs/b.yaml"]
    assert names("specs/../specs/b.yaml", "specs") == ["specs/b.yaml", "specs/a.yaml"]
    assert [each.name for each in results("specs").checked] == ["specs/a.yaml", "specs/b.yaml"]


def test_a_file_that_is_named_and_in_a_directory_is_checked(folder: Path) -> None:
    put("specs/other.yaml", OTHER)
    assert names("specs") == []
    assert names("specs", "specs/other.yaml") == ["specs/other.yaml"]


def test_patterns(folder: Path) -> None:
    for path in ("a.yaml", "m/a.yaml", "m/b.yml", "m/n/a.yaml", "m/n/o/c.yaml", ".hidden/a.yaml", "m/readme.md"):
        put(path)
    assert names("**/a.yaml") == ["a.yaml", "m/a.yaml", "m/n/a.yaml"]
    assert names("m/**/a.yaml") == ["m/a.yaml", "m/n/a.yaml"]
    assert names("m/**") == ["m/a.yaml", "m/b.yml", "m/n/a.yaml", "m/n/o/c.yaml"]
    assert names("**/n/**/*.yaml") == ["m/n/a.yaml", "m/n/o/c.yaml"]
    assert names("[am].yaml") == ["a.yaml"]
    assert names("?/?") == ["m/n/a.yaml", "m/n/o/c.yaml"], "a directory that a pattern matches is searched"
    assert names(f"{folder}/**/c.yaml") == ["m/n/o/c.yaml"]
    with pytest.raises(UsageError, match=r"no file matches `\*\.yml`"):
        names("*.yml")


def test_links_to_directories_are_not_followed(folder: Path) -> None:
    put("specs/a.yaml")
    for name in ("one", "two"):
        os.symlink(".", f"specs/{name}")  # glob's own ** takes 2**40 ways through these
    os.symlink("..", "specs/up")
    put("elsewhere/b.yaml")
    os.symlink("../elsewhere", "specs/beside")
    assert names("specs") == names("specs/**/*.yaml") == ["specs/a.yaml"]
    assert names("specs/beside") == ["specs/beside/b.yaml"], "but one that is named is"


def test_a_tree_deeper_than_the_stack(folder: Path) -> None:
    depth = sys.getrecursionlimit() + 100
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    put("net.yaml")
    os.chdir(folder)
    try:
        assert [name.count("/") for name in names("d")] == [depth]
    finally:  # who clears temporary directories away later may not be able to go so deep
        for _ in range(depth):
            os.chdir("d")
        os.unlink("net.yaml")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")


# -- files that cannot be read ---------------------------------------------------------------------------------------


def test_links_that_lead_nowhere(folder: Path) -> None:
    put("specs/fine.yaml")
    os.symlink("gone.yaml", "specs/dangling.yaml")
    os.symlink("loop.yaml", "specs/loop.yaml")
    found = results("specs")
    assert [str(problem.where) for problem in found.problems] == ["specs/dangling.yaml", "specs/loop.yaml"]
    assert {problem.rule for problem in found.problems} == {"unreadable-file"}
    assert (found.exit_code, len(found.checked)) == (2, 3)
    assert only_problem("./specs/dangling.yaml").where.file == "specs/dangling.yaml"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_not_opened(folder: Path) -> None:
    os.mkfifo("pipe.yaml")
    put("net.yaml")
    found = results(".")
    assert [each.name for each in found.checked] == ["net.yaml"]
    assert [(each.name, each.passed_over) for each in found.passed_over] == [("pipe.yaml", "it is no ordinary file")]
    assert only_problem("pipe.yaml").message == "this is no ordinary file"


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no devices")
def test_devices(folder: Path) -> None:
    os.symlink("/dev/zero", "zero.yaml")
    assert names(".") == []
    assert only_problem("zero.yaml").message == "this is no ordinary file"
    assert only_problem("/dev/null").message == "this is no ordinary file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(folder: Path) -> None:
    put("net.yaml")
    put("closed/net.yaml")
    os.chmod("net.yaml", 0)
    os.chmod("closed", 0)
    try:
        assert [each.message for each in results(".").problems] == [
            "the file cannot be read: Permission denied", "the directory cannot be read: Permission denied",
        ]  # fmt: skip
    finally:
        os.chmod("closed", 0o700)


def test_a_directory_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("specs/a.yaml")
    put("specs/closed/b.yaml")
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if os.path.normpath(path) == os.path.join("specs", "closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    for path in ("specs", "specs/closed", "**/*.yaml"):
        found = results(path)
        assert [str(each) for each in found.problems] == [
            "specs/closed: error[unreadable-file] the directory cannot be read: Permission denied"
        ]
        assert found.exit_code == 2


def test_what_is_removed_meanwhile(folder: Path) -> None:
    put("specs/a.yaml")
    put("specs/b.yaml")
    found = discover(["specs"])
    os.remove("specs/a.yaml")
    checked = list(check_files(found, lambda path: Settings(), 1))
    assert [(each.name, each.passed_over) for each in checked] == [
        ("specs/a.yaml", "it was removed meanwhile"), ("specs/b.yaml", ""),
    ]  # fmt: skip
    named = discover(["specs/b.yaml"])
    os.remove("specs/b.yaml")
    (gone,) = check_files(named, lambda path: Settings(), 1)
    assert [each.message for each in gone.problems] == ["there is no such file"]


# -- how paths are shown ---------------------------------------------------------------------------------------------


def test_paths_are_shown_from_where_the_user_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("specs/sub/net.yaml", BROKEN)
    here = os.getcwd()
    assert only_problem(f"{here}/specs").where.file == "specs/sub/net.yaml"
    assert only_problem("./specs//sub/").where.file == "specs/sub/net.yaml"
    monkeypatch.chdir("specs")
    assert only_problem(".").where.file == "sub/net.yaml"
    assert only_problem("../specs").where.file == "sub/net.yaml"
    monkeypatch.chdir("sub")
    assert only_problem("..").where.file == "net.yaml"
    os.mkdir("beside")
    monkeypatch.chdir("beside")
    assert only_problem("..").where.file == "../net.yaml"
    assert only_problem(f"{here}/specs").where.file == f"{here}/specs/sub/net.yaml"


# -- the command -----------------------------------------------------------------------------------------------------


def test_where_there_is_no_spec(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkdir("empty")
    assert run(["check", "empty"]) == 0
    assert capsys.readouterr() == ("0 files, 0 networks: no problems\n", "warning: no spec was found\n")
    put("empty/other.yaml", OTHER)
    assert run(["check", "empty"]) == 0
    assert capsys.readouterr().err == "warning: no spec was found among 1 YAML file; --verbose says why\n"
    assert run(["check", "--only-specs", "empty/other.yaml"]) == 0
    assert capsys.readouterr() == ("0 files, 0 networks: no problems\n", "")
    assert run(["check", "emptty"]) == 2
    assert "did you mean empty?" in capsys.readouterr().err


def test_verbose_says_what_was_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("other.yaml", OTHER)
    put("half.yaml", "layers: 3\n")
    put("net.yaml")
    assert run(["check", ".", "-v"]) == 0
    printed = capsys.readouterr().out
    assert "other.yaml: passed over: it has none of a spec's top-level keys\n" in printed
    assert "half.yaml: passed over: of a spec's top-level keys it has `layers` alone\n" in printed


def called(*arguments: str, data: bytes = b"") -> tuple[int, bytes, bytes]:
    """`convcalc check` in a process of its own."""
    done = finished(command("check", *arguments), data)
    return done.returncode, done.stdout, done.stderr


def many(count: int) -> None:
    """Specs that take very different times, fine and broken, and YAML that is no spec."""
    for number in range(count):
        kinds = [FINE, BROKEN, OTHER, LONG]
        put(f"specs/{number % 5}/n{number}.yaml", kinds[number % len(kinds)])


def test_the_order_is_that_of_the_files_however_many_processes(folder: Path) -> None:
    many(60)
    one = called("specs", "--jobs", "1", "-v")
    assert one[0] == 2
    assert one[1].count(b"error[unknown-type]") == 15
    assert called("specs", "--jobs", "4", "-v") == one
    assert called("specs", "--jobs", "64", "-v", "--format", "json") == called("specs", "--format", "json", "-v")


def test_standard_input_beside_files(folder: Path) -> None:
    put("a.yaml", BROKEN)
    code, output, _ = called("a.yaml", "-", "-", "--jobs", "4", data=BROKEN.encode())
    assert code == 2
    assert [line.split(b":")[0] for line in output.splitlines() if b"error[" in line] == [b"a.yaml", b"<stdin>"]


def test_standard_input_that_cannot_be_read(folder: Path) -> None:
    put("a.yaml", BROKEN)
    code, output, errors = called("-", "a.yaml", data=b"\0")
    assert (code, errors) == (2, b"")
    assert output.startswith(b"<stdin>: error[encoding] ")
    assert b"a.yaml:2:10: error[unknown-type]" in output, "the other files are checked all the same"


def test_standard_input_that_is_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["check", "-"]) == 2
    assert "<stdin>: error[unreadable-file] standard input is closed\n" in capsys.readouterr().out


def test_more_processes_than_there_is_work(folder: Path) -> None:
    many(60)
    assert called("specs", "--jobs", "100000")[0] == 2


def slow() -> str:
    """A spec that takes some seconds."""
    return "input: [3, 8, 8]\nlayers:\n  - relu: {repeat: 200000}\n"


# A job in the background of a shell ignores Ctrl-C, and so would all that it starts.
HEARS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from convcalc.cli.main import main
main()
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the processes of a process are told by /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ended_from_outside(sent: signal.Signals, folder: Path) -> None:
    """No traceback, the exit code 130 of Ctrl-C, and no process stays behind."""
    for number in range(32):
        put(f"n{number}.yaml", slow())
    with subprocess.Popen(  # noqa: S603 - our own command
        python(HEARS_CTRL_C, "check", ".", "--jobs", "2"), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment(), start_new_session=True,
    ) as process:  # fmt: skip
        workers = wait_for_workers(process.pid)
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)  # as a terminal does
        else:
            process.send_signal(sent)
        output, errors = process.communicate(timeout=20)
    assert (output, errors.strip()) == (b"", b"")
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)
    deadline = time.monotonic() + 20
    while any(is_running(worker) for worker in workers):
        assert time.monotonic() < deadline, "a process stayed behind"
        time.sleep(0.02)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the processes of a process are told by /proc")
def test_a_process_that_is_killed(folder: Path) -> None:
    """The file that it had is named, and the others are checked."""
    for number in range(4):
        put(f"n{number}.yaml", slow())
    with subprocess.Popen(  # noqa: S603 - our own command
        command("check", ".", "--jobs", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        os.kill(wait_for_workers(process.pid)[0], signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (2, b"")
    lost = [line for line in output.decode().splitlines() if "process-ended" in line]
    assert len(lost) == 1
    assert re.fullmatch(
        r"n\d.yaml: error\[process-ended\] the process that checked this file was ended by SIGKILL", lost[0]
    )
    assert "  help: the machine may have run out of memory; `--jobs 1` checks the files one after another" in (
        output.decode().splitlines()
    )
    assert output.endswith(b"4 files, 3 networks: 1 error and 3 warnings\n")


def wait_for_workers(parent: int) -> list[int]:
    """The two processes that a process has started, once both are at work."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if len(children) == 2 and all(ignores_interrupts(int(child)) for child in children):
            return [int(child) for child in children]
        time.sleep(0.02)
    raise AssertionError("no processes were started")


def ignores_interrupts(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) & 1 << (signal.SIGINT - 1))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_reader_that_has_gone(folder: Path) -> None:
    many(200)
    with subprocess.Popen(  # noqa: S603 - our own command
        command("check", ".", "--jobs", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")


def test_garbage_is_collected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the networks of one file held is let go: the objects that live do not grow with the files."""
    import gc

    for number in range(40):
        put(f"n{number}.yaml", "input: [3, 8, 8]\nlayers: [relu: {repeat: 50}]\n")
    monkeypatch.setattr(garbage, "MAX_OBJECTS", 2_000)
    files, counts = discover(["."]), []
    gc.disable()
    try:
        for _ in check_files(files, lambda path: Settings(), 1):
            counts.append(len(gc.get_objects()))
    finally:
        gc.enable()
    assert max(counts[20:]) < 1.1 * max(counts[:20])
