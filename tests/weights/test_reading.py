"""Files of weights made by hand: what is read, and that a broken or hostile file is an error and runs nothing."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.weights import pickles
from convcalc.weights.checkpoint import Tensor
from convcalc.weights.read import read
from tests.weights.files import archive, loaded_name, old_file, operations, safetensors, tensor

STATE = operations(b"}(", "conv.weight", *tensor([8, 3, 3, 3]), "conv.bias", *tensor([8]), "steps",
                   *tensor([], "LongStorage"), b"u")  # fmt: skip
TENSORS = {"conv.weight": Tensor((8, 3, 3, 3)), "conv.bias": Tensor((8,)), "steps": Tensor((), True)}
NESTED = operations(
    b"}(", "epoch", 7, "optimizer", b"}(", "state", b"}", b"u", "model", b"}(", "module.conv.weight",
    *tensor([8, 3, 3, 3]), b"u", b"u",
)  # fmt: skip


class Evil:
    """Its pickle runs a command of the shell where it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pwned",)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def message(folder: Path, data: bytes, name: str = "model.pth") -> str:
    """What is wrong with a file."""
    (folder / name).write_bytes(data)
    with pytest.raises(SpecError) as caught:
        read(name)
    [problem] = caught.value.problems
    assert problem.where.file == name
    return problem.message


@pytest.mark.parametrize("data", [archive(STATE), archive(STATE, "archive/data.pkl"), old_file(STATE)])
def test_a_file_of_torch(folder: Path, data: bytes) -> None:
    (folder / "model.pth").write_bytes(data)
    found = read("model.pth")
    assert (found.format, dict(found.tensors), found.left_out) == ("PyTorch", TENSORS, [])


def test_the_weights_are_found_among_other_entries(folder: Path) -> None:
    (folder / "model.ckpt").write_bytes(archive(NESTED))
    found = read("model.ckpt")
    assert list(found.tensors) == ["module.conv.weight"]
    assert found.left_out == ["epoch", "optimizer"]


def test_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(
        safetensors({"b": [2, 3], "a": [], "none": [0, 4]}, __metadata__={"format": "pt"})
    )
    found = read("model.safetensors")
    assert dict(found.tensors) == {"b": Tensor((2, 3)), "a": Tensor(()), "none": Tensor((0, 4))}
    (folder / "model").write_bytes(safetensors({"b": [2, 3]}))
    assert dict(read("model").tensors) == {"b": Tensor((2, 3))}, "known by its content"


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(("header", "expected"), [
    ({"a": {**ENTRY, "dtype": "F1"}}, "has the unknown type `F1`"),
    ({"a": {**ENTRY, "dtype": ["F32"]}}, "has the unknown type"),
    ({"a": {**ENTRY, "shape": [-2]}}, "that are no sizes"),
    ({"a": {**ENTRY, "shape": [True]}}, "that are no sizes"),
    ({"a": {**ENTRY, "shape": [2**70]}}, "that are no sizes"),
    ({"a": {**ENTRY, "shape": [2**60, 2**60]}}, "its shape needs"),
    ({"a": {**ENTRY, "data_offsets": [0, 9]}}, "`a` is at the bytes 0 to 9 of 8"),
    ({"a": {**ENTRY, "data_offsets": [8, 0]}}, "`a` is at the bytes 8 to 0 of 8"),
    ({"a": {**ENTRY, "shape": [1]}}, "`a` has 8 bytes, and its shape needs 4"),
    ({"a": ENTRY, "b": ENTRY}, "its tensors have more bytes than the 8"),
    ({"a": 3}, "has no dtype, shape and data_offsets"),
    ([], "its header is no JSON object"),
])  # fmt: skip
def test_a_wrong_header_of_safetensors(folder: Path, header: object, expected: str) -> None:
    text = json.dumps(header).encode()
    assert expected in message(folder, len(text).to_bytes(8, "little") + text + bytes(8), "a.safetensors")


@pytest.mark.parametrize(("data", "expected"), [
    (b"", "before its header does"),
    ((2**40).to_bytes(8, "little") + b"{}", "before its header does"),
    ((5).to_bytes(8, "little") + b"[[[[[", "is broken"),
    ((100_000).to_bytes(8, "little") + b"[" * 100_000, "nested too deep"),
    ((13).to_bytes(8, "little") + b'{"a":1,"a":2}', "a name is there twice"),
    ((2).to_bytes(8, "little") + b"\xff\xff", "is broken"),
])  # fmt: skip
def test_broken_safetensors(folder: Path, data: bytes, expected: str) -> None:
    assert expected in message(folder, data, "a.safetensors")


def test_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bounds, "MAX_CHECKPOINT_BYTES", 20)
        assert "its header has" in message(folder, safetensors({"a": [2]}), "a.safetensors")
        assert "has more than 20 bytes" in message(folder, archive(STATE))
    monkeypatch.setattr(bounds, "MAX_CHECKPOINT_TENSORS", 2)
    assert "more than 2 tensors" in message(folder, archive(STATE))
    monkeypatch.setattr(pickles, "MAX_OPERATIONS", 20)
    assert "more than 20 operations" in message(folder, archive(STATE))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [archive, old_file])
def test_nothing_in_a_pickle_is_run(folder: Path, wrap: object, protocol: int) -> None:
    assert callable(wrap)
    data = pickle.dumps({"state_dict": OrderedDict(a=Evil())}, protocol)
    found = message(folder, wrap(data))
    assert "system`, which is no part of a tensor; nothing in it was run" in found
    assert not os.path.exists("pwned")


@pytest.mark.parametrize("name", [
    ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "__import__"), ("torch.hub", "load"),
    ("torch", "load"), ("torch.nn.modules.conv", "Conv2d"), ("mypkg", "Net"), ("torch.jit", "FloatStorage"),
    ("collections", "OrderedDict.__class__"), ("torch._utils", "_rebuild_tensor_v2.__globals__"),
])  # fmt: skip
def test_names_that_are_no_part_of_a_tensor(folder: Path, name: tuple[str, str]) -> None:
    called = operations(loaded_name(*name), b"(", "touch pwned", b"tR")
    assert f"`{'.'.join(name)}`, which is no part of a tensor" in message(folder, archive(called))
    by_stack = operations(*name, b"\x93(", "touch pwned", b"tR")
    assert f"`{'.'.join(name)}`, which is no part of a tensor" in message(folder, archive(by_stack))


@pytest.mark.parametrize("data", [
    operations(b"\x82\x01"), operations(b"i" + b"os\nsystem\n"), operations(b"o"), operations(b"Pname\n"),
    operations(b"R"), operations(b"t"), operations(b"h\x05"), operations(b"a"), operations(b"(s"), operations(b"u"),
    operations(b"Q"), operations(b"((tQ"), operations(1, b")R"), operations(b"}", 1, b"a"), operations(b"]1}"),
    operations(b"B\xff\xff\xff\x7f"), operations(b"\x8d" + b"\xff" * 8), operations(b"\x8b\xff\xff\xff\x7f"),
    operations(b"L" + b"9" * 10_000 + b"L\n"), operations(b"I1x\n"), operations(b"(0"), operations(b"(1"), b"", b"\x80",
    operations(loaded_name("torch._utils", "_rebuild_tensor_v2"), b")R"),
    operations(loaded_name("torch._utils", "_rebuild_tensor_v2"), b"(", 1, 2, 3, b"tR"),
    operations(b"}(", "a", *tensor([2, -3]), b"u"), operations(b"}(", "a", *tensor([1] * 100), b"u"),
    operations("a text"), operations(b"]"), operations(b"}"),
])  # fmt: skip
def test_broken_pickles(folder: Path, data: bytes) -> None:
    assert message(folder, archive(data))
    assert message(folder, old_file(data))


def test_a_pickle_that_grows_when_it_is_read(folder: Path) -> None:
    doubled = operations(b"}q\x00", *[b"}(X\x01\x00\x00\x00ah\x00X\x01\x00\x00\x00bh\x00uq\x00"] * 60)
    assert message(folder, archive(doubled)) == "there is no tensor in it"
    deep = operations(b"]" * 500_000 + b"a" * 499_999)
    assert "no mapping" in message(folder, archive(deep))
    itself = operations(b"}q\x00(", "a", b"h\x00u")
    assert message(folder, archive(itself)) == "there is no tensor in it"


@pytest.mark.parametrize("data", [archive(STATE), old_file(STATE), safetensors({"a": [2, 3], "b": [4]})])
def test_a_file_that_is_cut_at_any_byte(folder: Path, data: bytes) -> None:
    for end in range(len(data)):
        (folder / "cut").write_bytes(data[:end])
        with pytest.raises(SpecError):
            read("cut")


@pytest.mark.parametrize("data", [archive(STATE), old_file(STATE), safetensors({"a": [2, 3], "b": [4]})])
def test_a_file_with_another_byte(folder: Path, data: bytes) -> None:
    for place in range(len(data)):
        for value in (0, 255, data[place] ^ 1):
            (folder / "other").write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
            try:
                read("other")
            except SpecError:
                continue


def test_archives_that_are_no_checkpoints(folder: Path) -> None:
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as opened:
        opened.writestr("a.txt", "")
    assert "there is no data.pkl" in message(folder, empty.getvalue())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a/data.pkl", b"N" * (bounds.MAX_CHECKPOINT_BYTES + 1))
    assert "data.pkl in it has more than" in message(folder, bomb.getvalue())


def test_files_that_are_no_files(folder: Path) -> None:
    for name, expected in (("missing", "there is no such file"), (".", "this is not a regular file")):
        with pytest.raises(SpecError) as caught:
            read(name)
        assert caught.value.problems[0].message == expected


INDEX = "model.safetensors.index.json"
SHARDS = {
    "model-00001-of-00002.safetensors": {"stem.weight": [4, 3, 1, 1], "stem.bias": [4]},
    "model-00002-of-00002.safetensors": {"head.weight": [2, 4], "head.bias": [2]},
}


def sharded(folder: Path, **changes: object) -> dict[str, object]:
    """Write the files of a checkpoint, and give its index."""
    for name, shapes in SHARDS.items():
        (folder / name).write_bytes(safetensors(shapes))
    files = {tensor: name for name, shapes in SHARDS.items() for tensor in shapes}
    return {"metadata": {"total_size": 60}, "weight_map": dict(sorted(files.items())), **changes}


def test_a_checkpoint_in_several_files(folder: Path) -> None:
    (folder / INDEX).write_text(json.dumps(sharded(folder), indent=2))
    found = read(INDEX)
    assert found.format == "safetensors, 2 files"
    assert list(found.tensors) == ["stem.weight", "stem.bias", "head.weight", "head.bias"]  # as in the files
    (folder / "checkpoints").mkdir()
    for name in (INDEX, *SHARDS):
        (folder / name).rename(folder / "checkpoints" / name)
    assert read(f"checkpoints/{INDEX}").tensors == found.tensors


def test_shards_of_torch(folder: Path) -> None:
    (folder / "part.bin").write_bytes(archive(STATE))
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": dict.fromkeys(TENSORS, "part.bin")}))
    found = read("pytorch_model.bin.index.json")
    assert (found.format, dict(found.tensors)) == ("PyTorch, 1 file", TENSORS)


@pytest.mark.parametrize(
    ("map", "file", "found"),
    [
        (None, INDEX, "it has no `weight_map` with the file of each tensor"),
        ({}, INDEX, "it has no `weight_map` with the file of each tensor"),
        ({"a": 3}, INDEX, "the file of `a` is no file beside it: '3'"),
        ({"a": "../secret.safetensors"}, INDEX, "the file of `a` is no file beside it: '../secret.safetensors'"),
        ({"a": "/etc/passwd"}, INDEX, "the file of `a` is no file beside it: '/etc/passwd'"),
        ({"a": INDEX}, INDEX, "an index names it as a file of tensors, and it is an index"),
        ({"a": "absent.safetensors"}, "absent.safetensors", "there is no such file"),
        ({name: next(iter(SHARDS)) for name in "abcdef"}, next(iter(SHARDS)),
         "it has no `a`, `b`, `c`, `d` and 2 more, which model.safetensors.index.json says is in it"),
        (dict(zip("ab", ["one.safetensors", "two.safetensors"])), "two.safetensors",
         "`a` is in another file of model.safetensors.index.json too"),
    ],
)  # fmt: skip
def test_an_index_that_is_wrong(folder: Path, map: object, file: str, found: str) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.safetensors").write_bytes(safetensors({"a": [1], **({"b": [1]} if name == "two" else {})}))
    (folder / INDEX).write_text(json.dumps(sharded(folder, weight_map=map)))
    with pytest.raises(SpecError) as caught:
        read(INDEX)
    [problem] = caught.value.problems
    assert (problem.where.file, problem.message) == (file, found)


def test_an_index_that_is_no_json(folder: Path) -> None:
    assert message(folder, b"{nothing", INDEX).startswith("the JSON is broken: ")
    assert message(folder, b'{"a":' * 100_000, INDEX) == "the JSON is nested too deep"
