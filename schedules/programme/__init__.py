"""What a station is handed: its airings looked at once more, its curfews."""
