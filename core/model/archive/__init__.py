"""The inside of .keras files: read and written in a process of its own, gated before anything is made of it."""
