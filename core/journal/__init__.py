"""The journal: what a session has that no file of a person's has yet, kept beside it as it comes to be."""
