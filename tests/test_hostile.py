"""Specs from strangers: whatever the file holds, one message and an exit code, within seconds and a bounded memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.workspace import command, environment

pytestmark = pytest.mark.slow
SECONDS = 20  # a busy machine; each of them takes one or two
MEGABYTES = 500
# With lower bounds the same refusals come sooner. One case of each bound has the bound that users have: "repeated
# nothing" has that of layers, "millions of mappings" that of values.
NO_BOUNDS: Mapping[str, str] = {}
FEW_LAYERS = {"CONVCALC_MAX_LAYERS": "10000"}
FEW_VALUES = {"CONVCALC_MAX_YAML_VALUES": "100000"}
LOWER_BOUNDS: dict[str, Mapping[str, str]] = {
    "nested repeats": FEW_LAYERS, "doubling blocks": FEW_LAYERS, "doubling empty blocks": FEW_LAYERS,
    "too many words": FEW_VALUES,
}  # fmt: skip


class Outcome(NamedTuple):
    code: int
    output: str
    message: str


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))


def count(*arguments: str, data: bytes | None = None, bounds: Mapping[str, str] = NO_BOUNDS) -> Outcome:
    """Run `convcalc count … --format json` in a process of bounded time and memory; `bounds` are of the spec's size."""
    done = subprocess.run(  # noqa: S603 - our own command
        command("count", *arguments, "--format", "json"), input=data, capture_output=True, timeout=SECONDS,
        check=False, preexec_fn=limit_memory, env={**environment(), **bounds},
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_refused(outcome: Outcome, rule: str = "") -> None:
    assert outcome.code == 2, outcome
    assert "Traceback" not in outcome.message
    assert outcome.message.count("error") == 1 or "error[" in outcome.message
    assert rule in outcome.message
    assert len(outcome.message) < 20_000
    assert outcome.output == ""


def spec(*layers: str, input: str = "[3, 8, 8]", head: str = "") -> str:
    return f"{head}\ninput: {input}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


def conv(expression: str) -> str:
    return spec(f'conv2d: {{kernel_size: 1, out_channels: "={expression}"}}')


def bomb(width: int, depth: int) -> str:
    lines = ["l0: &l0 [" + ", ".join(["x"] * width) + "]"]
    lines += [f"l{k}: &l{k} [" + ", ".join([f"*l{k - 1}"] * width) + "]" for k in range(1, depth)]
    return "params:\n" + "".join(f"  {line}\n" for line in lines) + spec("relu")


def doubling(times: int, last: str) -> str:
    blocks = "".join(f"  b{k}: {{layers: [b{k + 1}, b{k + 1}]}}\n" for k in range(times))
    return f"blocks:\n{blocks}  b{times}: {{layers: [{last}]}}\n" + spec("b0")


def chain(times: int) -> str:
    blocks = "".join(f"  b{k}: {{layers: [b{k + 1}]}}\n" for k in range(times))
    return f"blocks:\n{blocks}  b{times}: {{layers: [relu]}}\n" + spec("b0")


REFUSED = {
    "alias bomb": (bomb(10, 12), "too-large"),
    "open brackets": ("[" * 20_000, "too-deep"),
    "open braces": ("{a: " * 20_000, "too-deep"),
    "nested lists": ("- " * 50_000, "too-deep"),
    "nested mappings": ("".join(" " * k + "a:\n" for k in range(2000)), "too-deep"),
    "containers 2,000 deep": (spec("{sequential: {layers: [" * 2000 + "relu" + "]}}" * 2000), "too-deep"),
    "repeat": (spec("relu: {repeat: 1000000000}"), "too-large"),
    "nested repeats": (
        spec("sequential: {repeat: 1000, layers: [sequential: {repeat: 1000, layers: [relu: {repeat: 1000}]}]}"),
        "too-large",
    ),
    "repeated nothing": (
        spec("sequential: {repeat: 99999, layers: [sequential: {repeat: 99999, layers: []}]}"), "too-large",
    ),
    "doubling blocks": (doubling(40, "relu"), "too-large"),
    "doubling empty blocks": (doubling(40, ""), "too-large"),
    "recursive block": ("blocks: {a: {layers: [a]}}\n" + spec("a"), "block-cycle"),
    "mutual blocks": ("blocks: {a: {layers: [b]}, b: {layers: [a]}}\n" + spec("a"), "block-cycle"),
    "recursive type": ("params: {t: a}\nblocks: {a: {layers: [=t]}}\n" + spec("a"), "block-cycle"),
    "blocks 60 deep": (chain(60), "too-deep"),
    "tower of powers": (conv("9**9**9**9"), "bad-expression"),
    "long text": (conv("len('a'*10**10)"), "bad-expression"),
    "long list": (conv("[0]*10**9"), "bad-expression"),
    "list of lists": (conv("[[[0]*9999]*9999]*9999"), "bad-expression"),
    "attribute": (conv("().__class__.__bases__"), "bad-expression"),
    "import": (conv("__import__('os').system('true')"), "bad-expression"),
    "lambda": (conv("(lambda: 1)()"), "bad-expression"),
    "comprehension": (conv("[x for x in [1]]"), "bad-expression"),
    "f-string": (conv("f'{1}'"), "bad-expression"),
    "walrus": (conv("(x := 1)"), "bad-expression"),
    "digits in an expression": (conv("9" * 900), "bad-expression"),
    "a long expression": (conv("9" * 20_000), "bad-expression"),
    "hexadecimal digits": (conv("0x" + "f" * 900), "bad-expression"),
    "deep expression": (conv("(" * 400 + "1" + ")" * 400), "bad-expression"),
    "deep minus": (conv("-" * 990 + "0"), ""),
    "python tag": ("params: {a: !!python/object/apply:os.system [ls]}\n" + spec("relu"), "tag"),
    "digits": (spec("relu", input=f"[{'9' * 20_000}]"), "too-large"),
    "hex": (spec("relu", input=f"[0x{'f' * 20_000}]"), "too-large"),
    "nan": (spec("relu", input="[.nan, 3]"), "wrong-value"),
    "infinity": (spec("relu", input="[.inf, 3]"), "wrong-value"),
    "1e400": (spec("relu", input="[1e400]"), "wrong-value"),
    "boolean": (spec("relu", input="[true, 3]"), "wrong-value"),
    "date": (spec("relu", input="[2020-01-01, 3]"), "wrong-value"),
    "merge-key cycle": ("params: &p {a: {<<: *p}}\n" + spec("relu"), "alias-cycle"),
    "anchor in itself": ("params: {a: &a [*a]}\n" + spec("relu"), "alias-cycle"),
    "empty": ("", "not-a-spec"),
    "only comments": ("# a\n# b\n", "not-a-spec"),
    "kernel": (spec(f"conv2d: {{out_channels: 1, kernel_size: 1{'0' * 90}}}"), "kernel-larger-than-input"),
    "many axes": (spec("flatten", input=f"[{', '.join(['9'] * 5000)}]"), ""),
    "growing": (spec(f"upsample: {{scale_factor: 1{'0' * 80}, repeat: 90}}"), ""),
    "a word of a megabyte": (spec("x" * 10**6), "unknown-type"),
    "a key of a megabyte": (spec("relu: {" + "x" * 10**6 + ": 1}"), "yaml-syntax"),
    "5,000 mistakes": (spec(*["relux"] * 5000), "unknown-type"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, rule = REFUSED[name]
    assert_refused(count("-", data=text.encode(), bounds=LOWER_BOUNDS.get(name, NO_BOUNDS)), rule)


LONG = "[1, 1000000000000]"
CONV = "conv1d: {out_channels: 2, kernel_size: 3"
TRANSPOSED = "conv_transpose1d: {out_channels: 2, kernel_size: 3, stride: %d}"
BRANCHES = "[[relu], [avg_pool1d: {kernel_size: 3}, upsample: {size: 1000000000000}]]"
# Entries by name, on one row of 10^12 pixels.
LONG_NETWORKS = {
    "strided": [f"{CONV}, stride: 7}}", f"{CONV}, dilation: 5, padding: 5}}", "max_pool1d: {kernel_size: 2}"],
    "transposed": [f"{CONV}, stride: 7}}", TRANSPOSED % 5, f"{CONV}}}"],
    "transposed by 10^11": [TRANSPOSED % 10**11],
    "transposed kernel": ["conv_transpose1d: {out_channels: 2, kernel_size: 10000000000, stride: 3}"],
    "upsampled": ["upsample: {scale_factor: 1000000}", f"{CONV}}}"],
    "upsampled linearly": ["upsample: {size: 999999999989, mode: linear}", f"{CONV}}}"],
    "adaptive": ["adaptive_avg_pool1d: {output_size: 999983}", f"{CONV}}}"],
    "adaptive to a prime": ["adaptive_avg_pool1d: {output_size: 999999999989}"],
    "concat": ["relu: {name: a}", "concat: {from: [a, input], axis: 1}", f"{CONV}, padding: 9}}", f"{CONV}}}"],
    "branches": [f"parallel: {{merge: add, branches: {BRANCHES}}}"],
    "chain of adaptive": ["adaptive_avg_pool1d: {output_size: 16381}", "upsample: {size: 262144}"] * 3,
    "padding": [f"{CONV}, padding: 100000000000}}", "pad: {padding: 5, mode: reflect}", f"{CONV}, stride: 9}}"],
    "tiles": [f"{CONV}, sharing: {{tile: 999983}}}}", f"{CONV}, sharing: {{regions: 999983}}}}"],
}
LEGAL = {
    **{name: spec(*layers, input=LONG) for name, layers in LONG_NETWORKS.items()},
    "channels": spec(
        "group_norm: {num_groups: 1}", "channel_shuffle: {groups: 500000000000}", input="[1000000000000, 4]"
    ),
    "rearranged": spec(
        "flip: {from: image, axes: 1}",
        "roll: {shifts: 3, axes: 1}",
        "select_scatter: {from: [previous, left], axis: 1, index: 5}",
        "slice_scatter: {from: [previous, right], axis: 1, start: 1, stop: 5}",
        "pad: {padding: [[-3, 2]], mode: circular}",
        f"{CONV}}}",
        input=f"{{image: [1, 1{'0' * 45}], left: [1], right: [1, 4]}}",
    ),
    "numbers of 45 digits": spec(f"conv1d: {{out_channels: 1{'0' * 40}, kernel_size: 1}}", input=f"[1, 1{'0' * 45}]"),
}


@pytest.mark.parametrize("name", LEGAL)
def test_legal_whatever_its_size(name: str) -> None:
    outcome = count("-", data=LEGAL[name].encode())
    assert outcome.code == 0, outcome.message
    assert json.loads(outcome.output)["schema"] == "convcalc.report/1"


BYTES = {
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "NUL bytes"),
    "random": (bytes(range(1, 256)) * 9, "not UTF-8"),
    "UTF-16": (spec("relu").encode("utf-16"), "UTF-16"),
    "Latin-1": ("name: é\n".encode("latin-1") + spec("relu").encode(), "not UTF-8"),
    "NUL": (b"a: \x00\n", "NUL"),
}


@pytest.mark.parametrize("name", BYTES)
def test_no_text(name: str) -> None:
    data, message = BYTES[name]
    assert_refused(count("-", data=data), message)


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def unreadable(path: Path) -> Path:
    path.write_text(spec("relu"))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser reads everything")
    return path


def scalar_of_60_megabytes(path: Path) -> Path:
    path.write_bytes(b"name: " + b"x" * 60_000_000 + b"\nlayers: [relux]\ninput: [3]\n")
    return path


def many(value: str, times: int) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_text(f"input: [3]\nlayers: [{(value + ', ') * times}relu]\n")
        return path

    return make


def sparse_of_2_gigabytes(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(2**31)
    return path


def loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "directory": (folder, "directory"),
    "missing": (lambda path: path, "no such file"),
    "FIFO": (fifo, "not a regular file"),
    "device": (lambda path: Path("/dev/zero"), "not a regular file"),
    "unreadable": (unreadable, "cannot be read"),
    "a scalar of 60 MB": (scalar_of_60_megabytes, ""),
    "too many words": (many("relu", 125_000), "values"),
    "millions of mappings": (many("{}", 5_000_000), "values"),
    "2 GB": (sparse_of_2_gigabytes, "bytes"),
    "a link to itself": (loop, ""),
}


@pytest.mark.parametrize("name", FILES)
def test_no_ordinary_file(name: str, tmp_path: Path) -> None:
    make, message = FILES[name]
    path = str(make(tmp_path / "spec.yaml"))
    assert_refused(count(path, bounds=LOWER_BOUNDS.get(name, NO_BOUNDS)), message)


def test_a_closed_pipe() -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command
        command("count", "resnet50", "--format", "json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    message = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(SECONDS) in (0, 141)
    assert message == ""
