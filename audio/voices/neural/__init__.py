"""Voice files of operators: what is there, what fits, and how one is fetched from the public Piper collection."""
