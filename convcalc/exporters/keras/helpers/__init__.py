"""Layers that Keras does not have; exported sources have copies of them.

A name with 2D is written for other ranks with theirs, and RANK becomes the rank.
"""
