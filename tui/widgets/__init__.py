"""Reusable widgets, one a file; none of them knows the session."""
