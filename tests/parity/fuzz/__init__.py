"""Random typed statements, asked of a live Trino and of the laptop; what differs is made small."""
