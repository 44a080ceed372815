"""The screen: Textual widgets over the state that core owns. No arithmetic."""
