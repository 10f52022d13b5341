"""The pages of the manual, and the words for the keys of a spec."""
