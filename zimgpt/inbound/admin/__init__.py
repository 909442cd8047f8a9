"""The doors of the admin pages: a session of their own, and a room for each subject."""
