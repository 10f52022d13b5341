"""Networks written elsewhere: a reader for each format, and one way from what it reads to the text of a spec."""

# The ending of a file -> the module of its reader.
ENDINGS = {
    ".pt2": "torch.pt2",
    ".onnx": "onnx.reader",
    ".keras": "keras.reader",
    ".json": "keras.reader",
    ".h5": "keras.reader",
    ".cfg": "darknet.reader",
    ".prototxt": "caffe.reader",
}
# A target that begins so names Python code.
PYTORCH = "pytorch:"


def is_foreign(target: str) -> bool:
    """Whether a target names a network of another format."""
    return target.startswith(PYTORCH) or target.lower().endswith(tuple(ENDINGS))
