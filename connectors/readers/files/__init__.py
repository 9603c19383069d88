"""What reading files has in common, whatever is in them."""
