"""Documents: what they are made of, whatever kind of file they become."""
