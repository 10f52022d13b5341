"""Copied into an exported source that needs it."""

import keras
from keras import ops


def scaled_dot_product_attention(
    query: keras.KerasTensor, key: keras.KerasTensor, value: keras.KerasTensor
) -> keras.KerasTensor:
    scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) * query.shape[-1] ** -0.5
    return ops.matmul(ops.softmax(scores), value)
