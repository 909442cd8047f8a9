"""Clients of others' services."""
