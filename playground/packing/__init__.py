"""The parts of the build: the engine, the scripts, the page and the licences."""
