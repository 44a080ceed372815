"""The arithmetic, the state and the engine of byhand: everything but the screen."""
