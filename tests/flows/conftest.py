"""A Prefect of the tests' own, started once."""
