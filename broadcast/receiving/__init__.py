"""Receiving: an official text becomes data (`receive`), and data becomes a draft for residents (`draft`).

All of it is pure; nothing here knows of files, tables or the clock.
"""

from broadcast.receiving.decoding import LARGEST_BYTES, decode_dispatch
from broadcast.receiving.receive import receive
from broadcast.receiving.shapes import Copy, Deadline, DispatchText, Ground, Signer, Target, Task

__all__ = [
    "LARGEST_BYTES",
    "Copy",
    "Deadline",
    "DispatchText",
    "Ground",
    "Signer",
    "Target",
    "Task",
    "decode_dispatch",
    "receive",
]
