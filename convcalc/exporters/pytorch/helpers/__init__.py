"""Small classes that are copied into an exported source.

convcalc itself does not import them: they need PyTorch.
"""
