"""AWS, as the platform uses it: one module per service."""
