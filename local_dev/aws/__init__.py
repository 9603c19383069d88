"""The local AWS: one process on 127.0.0.1 that unmodified AWS clients talk to. Needs no account and no Docker."""
