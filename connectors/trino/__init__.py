"""A Trino cluster: its sessions, and the tables over the lake's files. The engine and the catalog stand on it."""
