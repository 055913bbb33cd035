"""Nornir tasks, one file each."""
