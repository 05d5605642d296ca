"""Receiving: an official text becomes data (`receive`), and data becomes a draft for residents (`draft`).

All of it is pure; nothing here knows of tables or the clock.
"""

from broadcast.receiving.decoding import LARGEST_BYTES, MOST_LINES, decode_dispatch
from broadcast.receiving.drafting import Draft, draft
from broadcast.receiving.shapes import Copy, Deadline, DispatchText, Ground, Owed, Signer, Target, Task
from broadcast.receiving.templates import GAP_PATTERN, Template, fill, gaps_in, list_templates, template
from broadcast.receiving.whole import receive

__all__ = [
    "GAP_PATTERN",
    "LARGEST_BYTES",
    "MOST_LINES",
    "Copy",
    "Deadline",
    "DispatchText",
    "Draft",
    "Ground",
    "Owed",
    "Signer",
    "Target",
    "Task",
    "Template",
    "decode_dispatch",
    "draft",
    "fill",
    "gaps_in",
    "list_templates",
    "receive",
    "template",
]
