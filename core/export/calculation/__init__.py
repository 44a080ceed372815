"""The calculation of one point through any model, explained once and written in six formats."""
