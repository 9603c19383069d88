"""The local Athena: its API, its states and its texts, over the compiler and DuckDB."""
