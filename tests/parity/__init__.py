"""Cases whose answers a real Trino server gave, and their replay on DuckDB."""
