"""Networks and their weights, and the files they live in."""
