"""Who runs SQL."""
