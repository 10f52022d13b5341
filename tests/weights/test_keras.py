"""Weights that Keras saves: of each of its formats, against the spec that is imported from the model."""

from __future__ import annotations

import importlib.util
import os

import pytest

from tests.workspace import Workspace, finished, python

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("keras", "torch", "h5py")),
        reason="the extra `oracle` is not installed",
    ),
]
SAVE = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers

image = keras.Input((16, 16, 3))
x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(image)
x = layers.BatchNormalization(name="norm")(x)
x = layers.ReLU()(x)
x = layers.DepthwiseConv2D(3, name="depthwise")(x)
x = layers.Conv2D(12, (1, 3), name="wide")(x)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.5)(x)
model = keras.Model(image, layers.Dense(WIDTH, name="classes")(x))
model.compile(optimizer="adam", loss="mse")
model.save(f"{NAME}.keras")
model.save(f"{NAME}.h5")
model.save_weights(f"{NAME}.weights.h5")
"""


def save(name: str, width: int) -> None:
    """Save a model in a process of its own, because Keras reads its backend from the environment."""
    code = SAVE.replace("WIDTH", str(width)).replace("{NAME}", name)
    done = finished(python(code), KERAS_HOME=os.getcwd())
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def models(workspace: Workspace) -> Workspace:
    save("model", 5)
    assert workspace.call("import", "model.keras", "--output", "net.yaml").code == 0
    return workspace


def test_each_format_fits_the_spec(models: Workspace) -> None:
    for name in ("model.keras", "model.h5", "model.weights.h5"):
        code, text = models.check("net.yaml", "--weights", name)
        assert (code, f"net.yaml: {name} (Keras): 11 tensors, matched by " in text) == (0, True), text
    save("other", 7)
    for name in ("other.keras", "other.h5", "other.weights.h5"):
        code, text = models.check("net.yaml", "--weights", name)
        assert (code, text.count("error[differs-from-weights]")) == (1, 1), text
        assert "classes (linear): its weight is 5x12, in the checkpoint 12x7" in text


def test_h5py_is_named_where_it_is_missing(models: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "h5py" else find_spec(name))
    code, text = models.check("net.yaml", "--weights", "model.keras")
    assert (code, "h5py is needed to read weights of Keras" in text) == (2, True), text


def test_a_broken_file(models: Workspace) -> None:
    for name in ("model.keras", "model.weights.h5"):
        data = (models / name).read_bytes()
        for size in (9, len(data) // 2, len(data) - 10):
            (models / "broken.h5").write_bytes(data[:size])
            assert models.check("net.yaml", "--weights", "broken.h5")[0] == 2, (name, size)
