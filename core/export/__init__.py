"""A calculation as something to take away."""
