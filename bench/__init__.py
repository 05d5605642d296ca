"""Measured claims, each a ratio to a limit that is measured in the same run. `python -m bench` takes them all."""
