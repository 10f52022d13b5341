"""Points in two figures, and a third as colour: from numbers to SVG."""
