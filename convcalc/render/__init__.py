"""Renderers of reports and problems: they turn plain values into text and print nothing."""
