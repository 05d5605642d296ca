"""What every screen stands on: rights, look-ups within the subtree, forms, formats, error pages."""
