"""PostgreSQL: the only truth. All SQL of the program is in this package."""
