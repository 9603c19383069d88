"""From a typed Athena query to DuckDB SQL with the same answer, or a refusal that says what to write."""
