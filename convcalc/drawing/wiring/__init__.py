"""The wiring of a layer: the same layer fully connected, locally connected and with shared weights, side by side.

`cells` makes a small example of the layer with its window, `panels` the lines and their weights, `picture` draws them.
"""
