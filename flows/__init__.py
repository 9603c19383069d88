"""WHEN: thin Prefect flows over plain functions."""
