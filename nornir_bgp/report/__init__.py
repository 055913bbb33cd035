"""Faces of the report models for people and machines."""
