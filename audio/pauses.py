"""The silence after each mark, wherever it is made: between sentences, between what a voice is given at once."""

PAUSE_S = {",": 0.30, ";": 0.35, ":": 0.35, ".": 0.45, "?": 0.45, "!": 0.45}
