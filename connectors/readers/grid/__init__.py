"""Sheets of cells, as of any program, and the tables in them."""
