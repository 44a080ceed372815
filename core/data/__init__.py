"""Data sets: what a point is, how the tutorial's points are made, how a split is taken."""
