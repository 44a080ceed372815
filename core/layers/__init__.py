"""One file per family of Keras layers: its forward arithmetic and how a number unfolds."""
