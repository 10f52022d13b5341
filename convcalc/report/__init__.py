"""The report: plain rows of raw numbers, and their totals."""
