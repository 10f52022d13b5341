"""The text of a spec: read with the place of every value, and edited so that its layout is kept."""
