"""The verbs from rule to programme."""
