"""The one owner of state: its steps back and forth, its trainings, and what is kept of both."""
