"""A spec's YAML as a document that is changed in place: edits are values, and keep the layout around them.

`document.Document` is the text, `edits` are the changes. Nothing here knows of a screen, a shell or a network.
"""
