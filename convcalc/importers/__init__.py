"""Networks written elsewhere: a reader for each format, and one way from what it reads to the text of a spec."""
