"""The nouns: every table, every state, every fact. Imports none of the other folders."""

__version__ = "0.1.0"
