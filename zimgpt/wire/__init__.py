"""What others' bytes mean, and how ours are written, without touching a socket."""
