"""Random models of Keras's, each held against Keras itself: what is drawn of a seed, and what is tried of it."""
