"""Networks of PyTorch: files of `torch.export.save`, and modules that are traced in the interpreter that holds them."""
