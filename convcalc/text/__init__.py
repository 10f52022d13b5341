"""The text of a spec: it is read with the place of every value, and edited without a change of its layout."""
