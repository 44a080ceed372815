"""Whole calculations: the forward pass, its trace, rounding, unfolding."""
