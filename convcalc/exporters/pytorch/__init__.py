"""A network as the source of a PyTorch module: blocks become classes, params constructor arguments."""
