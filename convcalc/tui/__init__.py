"""The interactive screen, on Textual, an optional extra: a face of a session, without arithmetic of its own."""
