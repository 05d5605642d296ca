"""Giọng đọc: which voices there are, which speaks first, and installing one with a click."""
