"""How a layer's calculation is drawn: a default that suits any, and pages of their own for a few kinds."""
