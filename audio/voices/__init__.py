"""One file a voice behind one small protocol (`base.Voice`); `registry.voices_from` makes them from settings."""
