"""What one server process is made of besides its pages: ticks, certificate, first passwords."""
