"""Reads the model files of Ultralytics: YAML with a row for each module."""
