"""The commands that need no screen, one file each; each imports what it needs only when it runs."""
