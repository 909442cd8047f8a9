"""Programs of ours that may die: each does one thing to something that a stranger had a
hand in, under limits, and ends."""
