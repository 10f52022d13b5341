"""The plot of a sweep: its axes, its points while rows are read, and the picture."""
