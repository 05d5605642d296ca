"""What would happen: before a rule is saved, where there is room, and half an hour before an airing."""
