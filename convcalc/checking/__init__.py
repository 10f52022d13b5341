"""The run over files: which are checked, with which settings, what is found, how it is printed and fixed."""
