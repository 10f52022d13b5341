"""A network as source for Keras 3: a function that returns a functional model, with its blocks as functions."""
