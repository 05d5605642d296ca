"""The commands that are more than a call: each a function that `web.cli` prints the answer of."""
