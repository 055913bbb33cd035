"""Whole jobs: each takes a Nornir object and returns a report model."""
