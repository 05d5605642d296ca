"""The station program, on passed-in time and against a stand-in server on loopback."""
