"""Files that no Keras writes: an error with the place, in seconds, without a traceback."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from convcalc import bounds
from convcalc.errors import SpecError, UsageError
from convcalc.importers import formats
from tests.importers.keras.configs import called, functional, layer, read, sequential, source, tensor

NET = sequential([8, 8, 3], layer("Conv2D", "conv", filters=2, kernel_size=3), layer("Flatten"))
HDF5 = b"\x89HDF\r\n\x1a\n"


def _message(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        formats.read(str(path), None)
    return str(caught.value.problems[0].message)


def _archive(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def test_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    path.write_bytes(_archive({"../../metadata.json": b"{}", "config.json": json.dumps(NET).encode()}))
    assert [each.type for each in formats.read(str(path), None).operations] == ["conv2d", "flatten"]


def test_an_archive_that_is_cut_anywhere(tmp_path: Path) -> None:
    whole = _archive({"config.json": json.dumps(NET).encode()})
    path = tmp_path / "net.keras"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert _message(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_archive({"weights.h5": b""}), "there is no config.json in the archive"),
        (_archive({"../config.json": b"{}"}), "there is no config.json in the archive"),
        (_archive({"config.json": b" " * 40 * 2**20}), "config.json in it has more than 16,777,216 bytes"),
        (b"[" * 100_000, "the JSON is nested too deep"),
        (b"\xff\xfe", "byte 1 is not UTF-8"),
        (b'{"class_name": ', "the JSON is broken: Expecting value"),
        (b"[1, 2]", "this is no network of Keras"),
        (b'{"class_name": "Mine", "config": {"name": "mine"}}', "the file holds no layers"),
        (b'{"class_name": "Mine", "config": 3}', "the file holds no layers"),
        (HDF5 + b"\0" * 100, "no network is found in the file"),
        (HDF5 + json.dumps(NET).encode()[:90], "the JSON in the file is broken"),
    ],
)
def test_broken_files(tmp_path: Path, data: bytes, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.importers.keras.files.util.find_spec", lambda name: None)  # as without h5py
    path = tmp_path / "net.json"
    path.write_bytes(data)
    assert _message(path).startswith(message)


def test_an_hdf5_file_is_read_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.importers.keras.files.util.find_spec", lambda name: None)
    path = tmp_path / "net.h5"
    path.write_bytes(HDF5 + b"\0" * 999 + json.dumps(NET).encode() + b"\0" * 999)
    assert [each.type for each in formats.read(str(path), None).operations] == ["conv2d", "flatten"]


def test_a_cycle(tmp_path: Path) -> None:
    layers = [
        source([4]),
        called(layer("Add", "sum"), [[tensor("image"), tensor("dense")]]),
        called(layer("Dense", "dense", units=4), [tensor("sum")]),
    ]
    with pytest.raises(SpecError, match="cycle"):
        read(tmp_path, functional(layers, ["dense"]))


def _doubled(inner: dict[str, Any]) -> dict[str, Any]:
    twice = called(inner, [tensor("image")], [tensor("net")])
    config = functional([source([4]), twice], ["net"])
    config["config"]["output_layers"] = ["net", 1, 0]
    return config


def test_models_that_call_models_twice_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_CALLS", 1000)
    config = sequential([4], layer("Dense", units=4))
    for _ in range(40):
        config = _doubled(config)
    with pytest.raises(SpecError, match="calls more than 1,000 layers"):
        read(tmp_path, config)


def test_models_that_are_nested_deep_are_bounded(tmp_path: Path) -> None:
    config = sequential([4], layer("Dense", units=4))
    for _ in range(60):
        config = sequential([4], config)
    with pytest.raises(SpecError, match="nested more than 50 deep"):
        read(tmp_path, config)


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**62,
    3.5,
    "x",
    [],
    {},
    [None],
    [[1]],
    [1, 2],
    {"a": 1},
    float("nan"),
    ["image", 0, 0],
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


@pytest.mark.parametrize("seed", range(20))
def test_odd_values_anywhere(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311
    layers = [
        source([8, 8, 3]),
        called(layer("Conv2D", "conv", filters=4, kernel_size=[3, 3], padding="same"), [tensor("image")]),
        called(layer("BatchNormalization", "norm", axis=-1), [tensor("conv", shape=[None, 8, 8, 4])]),
        called(layer("Concatenate", "both", axis=-1), [[tensor("norm"), tensor("image")]]),
        called(layer("Reshape", "tokens", target_shape=[64, 7]), [tensor("both")]),
        called(layer("MultiHeadAttention", "heads", num_heads=1, key_dim=7), [tensor("tokens"), tensor("tokens")]),
        called(layer("Bidirectional", "steps", layer=layer("LSTM", units=2)), [tensor("heads")]),
        called(layer("EinsumDense", "last", equation="ab,bc->ac", output_shape=3), [tensor("steps")]),
    ]
    text = json.dumps(functional(layers, ["last"]))
    for _ in range(100):
        config = json.loads(text)
        for _ in range(chosen.choice((1, 1, 2))):
            value, key = chosen.choice(list(_places(config)))
            value[key] = chosen.choice(ODD)
        with suppress(SpecError, UsageError):
            read(tmp_path, config)
