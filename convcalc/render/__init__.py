"""How reports and problems are shown: each renderer turns plain values into text and prints nothing."""
