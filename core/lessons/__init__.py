"""Lessons: short guided paths, read from Markdown files and checked by what the learner types or does."""
