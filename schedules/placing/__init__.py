"""One station's programme laid out: what is asked, what forbids it, where it finds room, and why not."""
