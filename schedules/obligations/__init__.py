"""What stations owe, how far they are, and what would mend a shortage."""
