"""Where tables are found."""
