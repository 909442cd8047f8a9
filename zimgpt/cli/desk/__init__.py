"""What ``payments`` does, a subject a module."""
