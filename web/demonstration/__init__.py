"""The demonstration district of `serve --demo`. Nothing else imports it."""
