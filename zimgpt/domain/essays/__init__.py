"""Essays that are worth handing in: what is ordered, planned, written and counted."""
