"""One use case a module; every step that must happen whole is one commit."""
