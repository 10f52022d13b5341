"""Solve: which values of unknown keys give what is wanted, for a layer, a network, or a stack of layers."""
