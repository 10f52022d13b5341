"""Networks written for others: PyTorch source, ONNX, diagrams as text."""
