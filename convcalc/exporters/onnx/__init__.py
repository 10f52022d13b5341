"""A network as an ONNX file without weights: these are inputs of the graph, with their shapes."""
