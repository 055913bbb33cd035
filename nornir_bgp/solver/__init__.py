"""Prefix-to-exit assignment."""
