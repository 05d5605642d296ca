"""Nghe thử: one sentence as it will be said, made while one waits, for those who write."""
