"""Frozen, validated data that travels between the rooms."""
