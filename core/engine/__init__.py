"""The process that owns Keras, and what speaks to it."""
