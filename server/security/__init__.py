"""Who may do what, and what is refused before anything is looked at: shared by api and web."""
