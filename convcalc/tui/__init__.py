"""The interactive screen, with Textual, an optional extra. It shows a session and computes no figures itself."""
