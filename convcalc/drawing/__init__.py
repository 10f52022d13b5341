"""Drawings of a report as SVG: positions of boxes, lines and texts. Every figure in them comes from the report."""
