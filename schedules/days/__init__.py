"""What kind of day and which hour: the lunar calendar, public holidays, hours as people type them."""
