"""Pieces of set-up files that several tests load."""

PEOPLE = """
[[person]]
login = "mot"
name = "Một"
assignments = [{ role = "editor", unit = "H" }]

[[person]]
login = "hai"
name = "Hai"
assignments = [{ role = "approver", unit = "H" }]
"""
"""Một writes and Hai approves, in the unit H."""
