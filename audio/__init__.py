"""The verbs from text to sound."""
