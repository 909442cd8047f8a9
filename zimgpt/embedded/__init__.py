"""Everything on one machine without asking for anything: `make run`."""
