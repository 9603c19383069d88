"""WHERE: the only code that touches the outside, in and out; the engines and catalogs too."""

import os

os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:10000")
"""DuckDB reads it when it is loaded, and keeps memory for ten seconds, for the next statement: decision 3."""
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""numpy reads it when it is loaded, and begins threads for products of matrices, which wait by spinning: 0.1 CPU-s."""
