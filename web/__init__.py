"""The edge for people and stations: the Vietnamese admin, the API and the commands."""
