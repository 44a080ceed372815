"""Pictures of the screens, compared with accepted ones."""
