"""WHAT: the pure decisions of the platform. No network, no clock, no files written."""
