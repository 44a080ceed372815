"""Changes of an array: what is selected, what is asked for, and the array that comes of it."""
