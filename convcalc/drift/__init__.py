"""A spec held against its code, and against a checkpoint.

For its code or another network: `canonical` and `structure` leave out how a network is written, `pairing` finds the
layers that correspond, and `drift` gives the deviations; `renames` and `dropouts` are parts of it. For a checkpoint:
`tensors` are those that a layer needs, and `tensor_matching` finds them in the file.
"""
