"""Reads ONNX files: the graph by its bytes, without the weights, and without the onnx package."""
