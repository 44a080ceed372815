"""The few operations that every layer's arithmetic is made of, and what each can say about the numbers it makes."""
