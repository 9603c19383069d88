"""What reading a database has in common, whichever it is."""
