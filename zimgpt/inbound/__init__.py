"""The doors: HTTP, websocket and the jobs that the broker brings."""
